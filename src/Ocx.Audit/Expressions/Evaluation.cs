namespace Ocx.Audit.Expressions;

/// <summary>
/// One evaluation of an expression: what it looks at, the variables of its macros, and what it may still cost. All that
/// grows with the call is charged before it is done; what is left is bounded by the expression's length.
/// </summary>
internal sealed class Evaluation(object input)
{
    /// <summary>What one evaluation may cost. A unit is about 10 ns, so this is a few milliseconds.</summary>
    public const int Budget = 200_000;

    /// <summary>The longest string that an expression can make, in characters.</summary>
    public const int LongestString = 64 * 1024;

    private int _left = Budget;
    private PatternStates? _states;

    /// <summary>What the declared fields are read from.</summary>
    public object Input { get; } = input;

    /// <summary>The variables of macros, by the depth of their macro.</summary>
    public CelValue[] Locals { get; } = new CelValue[CelLimits.MacroDepth];

    /// <summary>The states of a regular expression, one after the other.</summary>
    public PatternStates PatternStates(int size) =>
        _states is not null && _states.Size >= size ? _states : _states = new PatternStates(Math.Max(size, 64));

    public bool IsExhausted => _left < 0;

    /// <summary>
    /// An error that a comparison met within a list or a map: it has no answer, unless it does not matter.
    /// </summary>
    public CelValue? Fault { get; set; }

    /// <summary>Begins anew, for the next expression on the same input.</summary>
    public void Restart() => (_left, Fault) = (Budget, null);

    /// <summary>The answer of a comparison that is over.</summary>
    public CelValue Answer(bool areEqual)
    {
        CelValue answer = IsExhausted ? CelValue.Exhausted : Fault ?? CelValue.Of(areEqual);
        Fault = null;
        return answer;
    }

    /// <summary>Pays.</summary>
    /// <returns>False when there is not enough left: the evaluation has to end.</returns>
    public bool Spend(long units)
    {
        _left = units > _left ? -1 : _left - (int)units;
        return _left >= 0;
    }

    /// <summary>Pays for a look through text, which goes some 16 characters at a time.</summary>
    public bool SpendScan(long characters) => Spend(1 + (characters / 16));

    /// <summary>Pays for text that is made: what may be spent bounds the memory too.</summary>
    public bool SpendCopy(long characters) => Spend(1 + (characters / 4));
}
