using Ocx.Api;
using Ocx.Text;

namespace Ocx.Operator.Status;

/// <summary>An McpTap's status, and the reports that it made superfluous.</summary>
/// <param name="Status">The status.</param>
/// <param name="Retired">
/// Reports to be deleted once the status is written: their counts are in its retired counts, or they are ignored and
/// their node is gone.
/// </param>
internal sealed record BuiltStatus(V1Alpha1McpTapStatus Status, IReadOnlyList<V1Alpha1McpTapReport> Retired);

/// <summary>Makes an McpTap's status from what is observed. Pure: the same observation gives the same status.</summary>
internal static class StatusBuilder
{
    private const int ListedNodes = 100;

    // The status names each report that is about to be deleted; the rest follows with the next one.
    private const int RetiredAtOnce = 500;

    // At most 100 nodes are listed; at this length all of them stay far below an object's bound.
    private const int LongestNodeMessage = 256;

    public static BuiltStatus Build(TapObservation seen)
    {
        var previous = seen.Tap.Status?.Retired ?? new V1Alpha1RetiredCounts();
        var counted = (previous.Reports ?? []).ToHashSet();

        // What is counted as retired already was about to be deleted when the operator stopped: it is not counted
        // again.
        var retired = seen.Reports.Where(report => counted.Contains(report.Uid())).ToList();
        var newlyRetired = seen
            .Reports.Where(report => IsGone(report, seen) && !counted.Contains(report.Uid()))
            .Take(Math.Max(0, RetiredAtOnce - retired.Count))
            .ToList();
        retired.AddRange(newlyRetired);
        var live = seen.Reports.Except(retired).ToList();

        // What cannot be right is counted nowhere, and goes with its node all the same.
        var ignored = seen.Ignored.Where(each => each.NamesItsNode).ToList();
        var discarded = ignored.Where(each => !seen.NodeExists(each.Report.Spec.Node)).Select(each => each.Report);
        var retiredPackets = newlyRetired.Aggregate(
            previous.Packets,
            (sum, report) => sum + (report.Status?.Packets ?? new())
        );
        var retiredBytes = newlyRetired.Aggregate(
            previous.Bytes,
            (sum, report) => sum + (report.Status?.Bytes ?? new())
        );
        var retiredCalls = newlyRetired.Aggregate(
            previous.Calls,
            (sum, report) => sum + (report.Status?.Calls ?? new())
        );

        var nodes = live.Select(report => Node(report, seen))
            .Concat(ignored.Where(each => seen.NodeExists(each.Report.Spec.Node)).Select(Node))
            .OrderBy(NodeOrder)
            .ThenByDescending(node => node.Dropped)
            .ThenBy(node => node.Node, StringComparer.Ordinal)
            .ToList();
        var status = new V1Alpha1McpTapStatus
        {
            ObservedGeneration = seen.Tap.Metadata.Generation,
            DesiredNodes = seen.DaemonSet?.Status?.DesiredNumberScheduled ?? 0,
            ReadyNodes = seen.DaemonSet?.Status?.NumberReady ?? 0,
            Packets = live.Aggregate(retiredPackets, (sum, report) => sum + (report.Status?.Packets ?? new())),
            Bytes = live.Aggregate(retiredBytes, (sum, report) => sum + (report.Status?.Bytes ?? new())),
            Calls = live.Aggregate(retiredCalls, (sum, report) => sum + (report.Status?.Calls ?? new())),
            LastReportTime = live.Max(report => report.Status?.LastReportTime) ?? seen.Tap.Status?.LastReportTime,
            Nodes = [.. nodes.Take(ListedNodes).OrderBy(node => node.Node, StringComparer.Ordinal)],
            OmittedNodes = Math.Max(0, nodes.Count - ListedNodes),
            Retired = new V1Alpha1RetiredCounts
            {
                Packets = retiredPackets,
                Bytes = retiredBytes,
                Calls = retiredCalls,
                Reports = [.. retired.Select(report => report.Uid()).Order(StringComparer.Ordinal)],
            },
        };
        status.Conditions = TapConditions.Of(seen, status, nodes, live);
        return new BuiltStatus(status, [.. retired, .. discarded]);
    }

    /// <summary>The status of a tap of which nothing new is known but that the operator fails at it.</summary>
    public static BuiltStatus Failing(V1Alpha1McpTap tap, TapProblem problem, DateTime now)
    {
        var previous = tap.Status ?? new V1Alpha1McpTapStatus();
        var status = previous with
        {
            ObservedGeneration = tap.Metadata.Generation,
            Conditions = TapConditions.Failing(previous.Conditions ?? [], problem, tap.Metadata.Generation, now),
        };
        return new BuiltStatus(status, []);
    }

    /// <summary>No heartbeat for three intervals.</summary>
    internal static bool IsStale(V1Alpha1McpTapReport report, TapObservation seen) =>
        report.Status?.LastReportTime is not { } last || seen.Now - last > 3 * seen.Interval;

    // An agent that stopped and did not come back is no longer wanted on its node.
    private static bool IsGone(V1Alpha1McpTapReport report, TapObservation seen) =>
        !seen.NodeExists(report.Spec.Node) || (report.Status?.Phase == NodePhase.Stopped && IsStale(report, seen));

    private static V1Alpha1NodeStatus Node(V1Alpha1McpTapReport report, TapObservation seen)
    {
        var packets = report.Status?.Packets ?? new TrafficCounts();
        return new V1Alpha1NodeStatus
        {
            Node = report.Spec.Node,
            Phase = IsStale(report, seen) ? NodePhase.Unknown : report.Status!.Phase,
            Total = packets.Total,
            Filtered = packets.Filtered,
            Captured = packets.Captured,
            Dropped = packets.Dropped,
            RingHighestPercent = report.Status?.RingBuffer?.HighestPercent,
            Message = report.Status?.Message is { } text ? WireText.Escape(text, LongestNodeMessage) : null,
            LastReportTime = report.Status?.LastReportTime,
        };
    }

    private static V1Alpha1NodeStatus Node(IgnoredReport ignored) =>
        new()
        {
            Node = ignored.Report.Spec.Node,
            Phase = NodePhase.Unknown,
            Message = $"Its report is ignored: {ignored.Problem}.",
        };

    private static int NodeOrder(V1Alpha1NodeStatus node) =>
        node.Phase switch
        {
            NodePhase.Failed => 0,
            NodePhase.Unknown => 1,
            NodePhase.Starting or NodePhase.Stopped => 2,
            _ => 3,
        };

    private static string Uid(this V1Alpha1McpTapReport report) => report.Metadata.Uid ?? string.Empty;
}
