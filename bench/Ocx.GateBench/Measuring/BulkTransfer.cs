using System.Diagnostics;
using Ocx.GateBench.Calls;

namespace Ocx.GateBench.Measuring;

/// <summary>Calls for results of 1 MiB, one after the other.</summary>
internal sealed class BulkTransfer
{
    private const double BitsEach = 8.0 * McpText.BigLength;
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(100);

    private readonly List<TimeSpan> _ends = [];

    /// <summary>Of all results that came.</summary>
    public double GigabitsPerSecond => _ends.Count * BitsEach / _ends[^1].TotalSeconds / 1e9;

    public static BulkTransfer Run(McpConnection connection, string tool, TimeSpan time)
    {
        var transfer = new BulkTransfer();
        long began = Stopwatch.GetTimestamp();
        do
        {
            connection.Call(tool);
            transfer._ends.Add(Stopwatch.GetElapsedTime(began));
        } while (transfer._ends[^1] < time);
        return transfer;
    }

    /// <summary>Milliseconds until the first tenth of a second that had this throughput; null when none had.</summary>
    public double? ReachedMs(double gigabitsPerSecond)
    {
        for (TimeSpan from = TimeSpan.Zero; from + s_slice <= _ends[^1]; from += s_slice)
        {
            int ended = _ends.Count(end => end > from && end <= from + s_slice);
            if (ended * BitsEach / s_slice.TotalSeconds / 1e9 >= gigabitsPerSecond)
            {
                return from.TotalMilliseconds;
            }
        }
        return null;
    }
}
