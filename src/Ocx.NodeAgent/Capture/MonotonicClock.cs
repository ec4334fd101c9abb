using System.Diagnostics;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// Turns the kernel's CLOCK_MONOTONIC into wall time. The offset is measured anew every few seconds, so a step of the
/// wall clock is followed.
/// </summary>
internal sealed class MonotonicClock
{
    private const long NsPerTick = 100;
    private static readonly long s_interval = Stopwatch.Frequency * 5;

    private long _offsetNs;
    private long _measuredAt = long.MinValue;

    /// <summary>Nanoseconds since the Unix epoch for a CLOCK_MONOTONIC time.</summary>
    public long ToUnixNs(long monotonicNs)
    {
        // .NET's Stopwatch is CLOCK_MONOTONIC in nanoseconds on Linux.
        long now = Stopwatch.GetTimestamp();
        if (now - s_interval >= _measuredAt)
        {
            _measuredAt = now;
            _offsetNs = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * NsPerTick - Stopwatch.GetTimestamp();
        }
        return monotonicNs + _offsetNs;
    }
}
