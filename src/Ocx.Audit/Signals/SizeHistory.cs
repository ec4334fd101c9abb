namespace Ocx.Audit.Signals;

/// <summary>How large the requests for one tool are, on a logarithmic scale: sizes differ by factors.</summary>
internal struct SizeHistory
{
    private const int MinCalls = 32;
    private const int MinBytes = 1024;
    private RunningStats _logs;

    /// <summary>The size that is usual, in bytes; 0 before any call.</summary>
    public readonly double Usual => _logs.Count == 0 ? 0 : double.Exp2(_logs.Mean);

    /// <summary>Is a request unusually large? It becomes part of the history either way.</summary>
    public bool Add(long bytes, double factor)
    {
        double log = Math.Log2(Math.Max(bytes, 1));
        bool known = _logs.Count >= MinCalls;
        bool large =
            known
            && factor > 0
            && bytes >= MinBytes
            && bytes > factor * Usual
            && log > _logs.Mean + (4 * _logs.Deviation);

        // One huge request must not make the next one usual; many of them may.
        double most = known ? _logs.Mean + Math.Max(1, 3 * _logs.Deviation) : double.MaxValue;
        _logs.Add(Math.Min(log, most));
        return large;
    }
}
