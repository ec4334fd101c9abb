using Ocx.Audit.Expressions;

namespace Ocx.Audit.Policy;

/// <summary>What a condition says of a call.</summary>
/// <param name="IsTrue">It holds.</param>
/// <param name="Failure">Why it says nothing; null when it does. The text quotes nothing of the call.</param>
public readonly record struct ConditionResult(bool IsTrue, string? Failure);

/// <summary>
/// A condition on calls in CEL, over the names of <see cref="CallEnvironment"/>. It is checked when it is compiled, and
/// its evaluation is bounded in time and memory, whatever the call holds.
/// </summary>
public sealed class CallCondition
{
    private const string Method = "call.method";
    private readonly CelNode _root;

    private CallCondition(CelNode root, bool readsEffects) => (_root, ReadsEffects) = (root, readsEffects);

    /// <summary>Does it read what a rehearsal showed?</summary>
    public bool ReadsEffects { get; }

    /// <summary>Compiles a condition.</summary>
    /// <param name="text">CEL that gives a bool.</param>
    /// <param name="rehearsed">It may name <c>effects</c>.</param>
    /// <returns>The condition, to be evaluated by any number of threads.</returns>
    /// <exception cref="FormatException">It cannot be used; the message says where, why and what is known.</exception>
    public static CallCondition Compile(string text, bool rehearsed = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            var known = rehearsed ? CallEnvironment.Rehearsed : CallEnvironment.Declarations;
            var root = ExpressionCompiler.Compile(text, known, out var read);
            return new(root, read.Any(field => field.StartsWith(CallEnvironment.Effects, StringComparison.Ordinal)));
        }
        catch (ExpressionException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>What can be proven of it without a call.</summary>
    /// <param name="methods">The methods of the calls that are asked.</param>
    /// <returns>That it holds for no call or for every call; null when neither is proven.</returns>
    public string? Warning(IReadOnlyList<string> methods)
    {
        var values = CallEnvironment
            .Rehearsed.Fields.Where(field => field.Values is not null)
            .ToDictionary(field => field.Name, field => field.Values!);
        values[Method] = methods;
        return !Satisfiability.CanBe(_root, true, values) ? "it can match no call"
            : !Satisfiability.CanBe(_root, false, values) ? "it matches every call"
            : null;
    }

    /// <summary>
    /// Evaluates it. One that hangs on what a rehearsal would have shown does not hold of a call that its audit has not
    /// rehearsed.
    /// </summary>
    /// <param name="facts">The call.</param>
    public ConditionResult Evaluate(CallFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        facts.Evaluation.Restart();
        var value = _root.Evaluate(facts.Evaluation);
        return value.Type switch
        {
            CelType.Bool => new(value.IsTrue, null),
            CelType.Error => new(false, value.IsNotRehearsed ? null : value.Message),
            _ => new(false, $"it gives a {value.Type.Name()}, and no bool"),
        };
    }
}
