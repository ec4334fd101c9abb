namespace Ocx.NodeAgent.Telemetry;

/// <summary>Durations in the buckets that OpenTelemetry's conventions for MCP give: 10 ms to 5 min.</summary>
internal sealed class DurationHistogram
{
    private static readonly double[] s_bounds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

    private readonly ulong[] _counts = new ulong[s_bounds.Length + 1];

    /// <summary>The upper bounds in seconds, each included; one more bucket takes what is longer.</summary>
    public static ReadOnlySpan<double> Bounds => s_bounds;

    /// <summary>How many fell into each bucket, not cumulated.</summary>
    public ReadOnlySpan<ulong> Counts => _counts;

    /// <summary>All together, in seconds.</summary>
    public double Sum { get; private set; }

    /// <summary>Adds a duration in seconds.</summary>
    public void Add(double seconds)
    {
        Sum += seconds;
        int at = 0;
        while (at < s_bounds.Length && seconds > s_bounds[at])
        {
            at++;
        }
        _counts[at]++;
    }
}
