using System.Text.RegularExpressions;
using Ocx.Api;

namespace Ocx.Operator.Status;

/// <summary>
/// Whether what a report says can be right. An agent, or whoever has its token, may have written anything that the
/// definition allows, and an earlier definition allowed more.
/// </summary>
internal static partial class ReportPlausibility
{
    /// <summary>The most packets, or calls: 2⁵³, 28 years of ten million a second.</summary>
    public const long MostPackets = 1L << 53;

    // An agent reads its counters while packets pass: what is counted last may be ahead of what is counted first.
    private const long PacketsMeanwhile = 65_536;
    private const long BytesMeanwhile = PacketsMeanwhile * 65_536;

    /// <summary>What cannot be right.</summary>
    /// <param name="report">The report as it came.</param>
    /// <returns>
    /// Null when nothing is wrong; else a text that quotes nothing from the report, to follow its name.
    /// </returns>
    public static string? Problem(V1Alpha1McpTapReport report)
    {
        if (report.Spec is not { Tap: not null, Node: { } node })
        {
            return "it names no tap or no node";
        }

        if (!IsNodeName(node))
        {
            return "spec.node is no name of a node";
        }

        if (!NamesItsNode(report))
        {
            return "its name is not <tap>.<node>";
        }

        if (report.Status is not { } status)
        {
            return null;
        }

        return status.Phase is not (NodePhase.Starting or NodePhase.Running or NodePhase.Failed or NodePhase.Stopped)
            ? "status.phase is none that an agent has"
            : Problem("status.packets", status.Packets, MostPackets, PacketsMeanwhile)
                ?? Problem("status.bytes", status.Bytes, Counts.Largest - 1, BytesMeanwhile)
                ?? Problem(status.Calls);
    }

    /// <summary>
    /// Whether a report has the name that its tap's report on its node has, so that there is no other one.
    /// </summary>
    public static bool NamesItsNode(V1Alpha1McpTapReport report) =>
        report.Spec is { Tap: { } tap, Node: { } node }
        && IsNodeName(node)
        && report.Metadata.Name == V1Alpha1McpTapReport.NameOf(tap, node);

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

    private static bool IsNodeName(string node) => node.Length <= OcxApi.MaximumNodeName && NodeName().IsMatch(node);

    // '$' would let a line feed follow.
    [GeneratedRegex(@"\A(?:" + OcxApi.NodeNamePattern + @")\z", RegexOptions.NonBacktracking)]
    private static partial Regex NodeName();
}
