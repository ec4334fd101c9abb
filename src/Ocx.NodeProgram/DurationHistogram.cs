namespace Ocx.NodeProgram;

/// <summary>Durations in buckets. One thread adds.</summary>
public sealed class DurationHistogram
{
    // 10 ms to 5 min.
    private static readonly double[] s_mcp = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

    /// <summary>How many buckets those of MCP are.</summary>
    public static int McpBuckets => s_mcp.Length + 1;

    private readonly double[] _bounds;
    private readonly ulong[] _counts;

    /// <summary>With the buckets that OpenTelemetry's conventions for MCP give.</summary>
    public DurationHistogram()
        : this(s_mcp) { }

    /// <summary>With these upper bounds in seconds, ascending; one more bucket takes what is longer.</summary>
    public DurationHistogram(double[] bounds)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        _bounds = bounds;
        _counts = new ulong[bounds.Length + 1];
    }

    /// <summary>The upper bounds in seconds, each included; one more bucket takes what is longer.</summary>
    public ReadOnlySpan<double> Bounds => _bounds;

    /// <summary>How many fell into each bucket, not cumulated.</summary>
    public ReadOnlySpan<ulong> Counts => _counts;

    /// <summary>All together, in seconds.</summary>
    public double Sum { get; private set; }

    /// <summary>Adds a duration in seconds.</summary>
    public void Add(double seconds)
    {
        Sum += seconds;
        int at = 0;
        while (at < _bounds.Length && seconds > _bounds[at])
        {
            at++;
        }
        _counts[at]++;
    }

    /// <summary>Adds all of another with the same buckets.</summary>
    public void Add(DurationHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Sum += other.Sum;
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }
}
