namespace Ocx.Audit.Expressions;

/// <summary>
/// The states of an automaton before and behind a character, each state once. One is used for text after text.
/// </summary>
internal sealed class PatternStates(int size)
{
    // A step is followed once, and then pushes two at most.
    private readonly int[] _stack = new int[(2 * size) + 1];
    private readonly int[] _marks = new int[size];
    private int[] _waiting = new int[size];
    private int[] _taken = new int[size];
    private int _depth;
    private int _mark;

    /// <summary>The steps of the largest program that it is good for.</summary>
    public int Size => _marks.Length;

    /// <summary>How many states wait for a character.</summary>
    public int Count { get; private set; }

    /// <summary>Begins with a text.</summary>
    public void Begin() => (_depth, Count, _mark) = (0, 0, _mark + 1);

    /// <summary>A step to be followed.</summary>
    public void Push(int step) => _stack[_depth++] = step;

    /// <summary>The next step to be followed.</summary>
    public bool TryPop(out int step)
    {
        if (_depth == 0)
        {
            step = 0;
            return false;
        }

        step = _stack[--_depth];
        return true;
    }

    /// <summary>Follows a step.</summary>
    /// <returns>False when it was followed at this place of the text already.</returns>
    public bool Mark(int step)
    {
        var isNew = _marks[step] != _mark;
        _marks[step] = _mark;
        return isNew;
    }

    /// <summary>A state that waits for a character.</summary>
    public void Add(int step) => _waiting[Count++] = step;

    /// <summary>Goes on to the next place in the text.</summary>
    /// <returns>The states that waited.</returns>
    public ReadOnlySpan<int> Turn()
    {
        (_waiting, _taken) = (_taken, _waiting);
        var count = Count;
        (Count, _mark) = (0, _mark + 1);
        return _taken.AsSpan(0, count);
    }
}
