namespace Ocx.Api;

/// <summary>
/// Whether the counts of a report can be right: whoever can write a report may have written anything.
/// </summary>
public static class CountPlausibility
{
    /// <summary>The most packets, or calls: 2⁵³, 28 years of ten million a second.</summary>
    public const long MostPackets = 1L << 53;

    // An agent reads its counters while packets pass: what is counted last may be ahead of what is counted first.
    private const long PacketsMeanwhile = 65_536;
    private const long BytesMeanwhile = PacketsMeanwhile * 65_536;

    /// <summary>What cannot be right.</summary>
    /// <param name="status">The status as it came; members that are not there have counted nothing.</param>
    /// <returns>Null when nothing is wrong; else a text that quotes nothing from the report.</returns>
    public static string? Problem(V1Alpha1McpTapReportStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return Problem("status.packets", status.Packets, MostPackets, PacketsMeanwhile)
            ?? Problem("status.bytes", status.Bytes, Counts.Largest - 1, BytesMeanwhile)
            ?? Problem(status.Calls);
    }

    private static string? Problem(string field, TrafficCounts? counts, long most, long meanwhile)
    {
        if (counts is null)
        {
            return null;
        }

        // Each is bounded by now, so no sum overflows.
        long[] all = [counts.Total, counts.Filtered, counts.Captured, counts.Dropped];
        return all.Any(count => !IsCount(count, most)) ? $"{field} holds a number that no agent can have counted"
            : counts.Filtered > counts.Total + meanwhile ? $"{field}: filtered is more than total"
            : counts.Captured + counts.Dropped > counts.Filtered + meanwhile
                ? $"{field}: captured and dropped are more than filtered"
            : null;
    }

    private static string? Problem(CallCounts? calls) =>
        calls is null ? null
        : !IsCount(calls.Total, MostPackets)
        || !IsCount(calls.Errors, MostPackets)
        || (calls.Unread?.Kinds ?? []).Any(kind => !IsCount(kind.Count, MostPackets))
        || (calls.BusiestTools ?? []).Any(tool => tool is not null && !IsCount(tool.Calls, MostPackets))
            ? "status.calls holds a number that no agent can have counted"
        : calls.Errors > calls.Total + PacketsMeanwhile ? "status.calls: errors are more than total"
        : null;

    private static bool IsCount(long count, long most) => count >= 0 && count <= most;
}
