using k8s.Models;
using Ocx.Api;
using Ocx.Text;

namespace Ocx.Operator.Status;

/// <summary>An McpTap's conditions: of each, the first check that has something to say says it.</summary>
internal static class TapConditions
{
    public const string Ready = "Ready";
    public const string Progressing = "Progressing";
    public const string Degraded = "Degraded";
    public const string DataLoss = "DataLoss";
    public const string ReportsAccepted = "ReportsAccepted";

    private const int LongestMessage = 1024;

    // A status is written once in some seconds: a loss that is told for less time than that could pass unseen.
    private static readonly TimeSpan s_shortestLoss = TimeSpan.FromSeconds(30);

    public static IList<V1Condition> Of(
        TapObservation seen,
        V1Alpha1McpTapStatus status,
        IReadOnlyCollection<V1Alpha1NodeStatus> nodes,
        IReadOnlyCollection<V1Alpha1McpTapReport> live
    )
    {
        var previous = seen.Tap.Status?.Conditions ?? [];
        return
        [
            Condition(Ready, ReadyFinding(seen, status, nodes)),
            Condition(Progressing, ProgressingFinding(seen, status)),
            Condition(Degraded, DegradedFinding(seen, nodes)),
            Condition(DataLoss, DataLossFinding(seen, live)),
            Condition(ReportsAccepted, ReportsFinding(seen)),
        ];

        V1Condition Condition(string type, Finding finding)
        {
            var before = previous.FirstOrDefault(condition => condition.Type == type);
            var value = finding.IsTrue ? "True" : "False";
            return new V1Condition
            {
                Type = type,
                Status = value,
                Reason = finding.Reason,
                Message = WireText.Escape(finding.Message, LongestMessage),
                ObservedGeneration = seen.Tap.Metadata.Generation,
                LastTransitionTime = before?.Status == value ? before.LastTransitionTime : seen.Now,
            };
        }
    }

    private static Finding ReadyFinding(
        TapObservation seen,
        V1Alpha1McpTapStatus status,
        IEnumerable<V1Alpha1NodeStatus> nodes
    ) =>
        Refused(seen)
        ?? Suspended(seen)
        ?? NotObserved(seen)
        ?? (
            status.DesiredNodes == 0
                ? new Finding(false, "NoNodes", "No node matches nodeSelector, affinity and tolerations.")
                : null
        )
        ?? FailedAgents(nodes, isTrue: false)
        ?? (
            status.ReadyNodes < status.DesiredNodes
                ? new Finding(
                    false,
                    "AgentsNotReady",
                    $"{status.ReadyNodes} of {status.DesiredNodes} agents are ready."
                )
                : null
        )
        ?? new Finding(true, "Running", $"All {status.DesiredNodes} agents are ready.");

    private static Finding ProgressingFinding(TapObservation seen, V1Alpha1McpTapStatus status)
    {
        if ((Refused(seen) ?? Suspended(seen)) is { } halted)
        {
            return halted;
        }

        if (NotObserved(seen) is { } pending)
        {
            return pending with { IsTrue = true };
        }

        var updated = seen.DaemonSet!.Status?.UpdatedNumberScheduled ?? 0;
        if (updated >= status.DesiredNodes)
        {
            return status.ReadyNodes < status.DesiredNodes
                ? new Finding(true, "Starting", $"{status.ReadyNodes} of {status.DesiredNodes} agents are ready.")
                : new Finding(false, "RolledOut", "Every agent runs the present spec.");
        }

        return seen.DaemonSet.Spec.UpdateStrategy?.Type == "OnDelete"
            ? new Finding(
                false,
                "RolloutPaused",
                $"{updated} of {status.DesiredNodes} agents run the present spec; "
                    + "updateStrategy OnDelete waits for their pods to be deleted."
            )
            : new Finding(true, "RollingOut", $"{updated} of {status.DesiredNodes} agents run the present spec.");
    }

    private static Finding DegradedFinding(TapObservation seen, IReadOnlyCollection<V1Alpha1NodeStatus> nodes)
    {
        var ignored = seen.Ignored.Where(each => each.NamesItsNode).Select(each => each.Report.Spec.Node).ToHashSet();
        var unknown = nodes
            .Where(node => node.Phase == NodePhase.Unknown && !ignored.Contains(node.Node))
            .Select(node => node.Node)
            .ToList();
        return (Refused(seen) is { } refused ? refused with { IsTrue = true } : null)
            ?? FailedAgents(nodes, isTrue: true)
            ?? (
                seen.Conflicts.Count > 0
                    ? new Finding(
                        true,
                        "PortConflict",
                        $"Also tapped on the same interface and port by {string.Join(", ", seen.Conflicts)}: "
                            + "the traffic is captured more than once."
                    )
                    : null
            )
            ?? (
                unknown.Count > 0
                    ? new Finding(
                        true,
                        "ReportsMissing",
                        $"{unknown.Count} nodes have not reported for three intervals, "
                            + $"among them {string.Join(", ", unknown.Take(3))}."
                    )
                    : null
            )
            ?? (seen.Ignored.Count > 0 ? ReportsFinding(seen) with { IsTrue = true } : null)
            ?? new Finding(false, "AsExpected", "Nothing is wrong.");
    }

    // Agents report the time of their last drop, so a loss is seen even where the operator missed the report in
    // between.
    private static Finding DataLossFinding(TapObservation seen, IEnumerable<V1Alpha1McpTapReport> live)
    {
        var recent = 2 * seen.Interval > s_shortestLoss ? 2 * seen.Interval : s_shortestLoss;
        var losing = live.Where(report => report.Status?.LastDropTime is { } time && seen.Now - time <= recent)
            .OrderByDescending(report => report.Status!.Packets.Dropped)
            .ToList();
        if (losing.Count == 0)
        {
            return new Finding(false, "NoLoss", "No packet was lost in the last interval.");
        }

        var advice = RingSize.NextLarger(seen.Tap.Spec.RingSize) is { } larger
            ? $"Try ringSize {larger}."
            : "The ring has its largest size: tap fewer ports, or lower snapLength.";
        return new Finding(
            true,
            "RingFull",
            $"The ring buffer overflowed on {losing.Count} nodes, most on {losing[0].Spec.Node}. {advice}"
        );
    }

    private static Finding ReportsFinding(TapObservation seen)
    {
        if (seen.Ignored.Count == 0)
        {
            return new Finding(true, "Plausible", "Every report is used.");
        }

        // A name in full is that of an object of the API server, but who made the object chose it.
        var named = seen
            .Ignored.OrderBy(each => each.Report.Metadata.Name, StringComparer.Ordinal)
            .Take(3)
            .Select(each => $"{WireText.Escape(each.Report.Metadata.Name, 100)}: {each.Problem}");
        return new Finding(
            false,
            "ImplausibleReport",
            $"{seen.Ignored.Count} reports are ignored, among them {string.Join("; ", named)}. "
                + "If an agent is not at fault, somebody writes in its place."
        );
    }

    private static Finding? Refused(TapObservation seen) =>
        seen.ApplyError is null ? null : new Finding(false, "ApplyFailed", seen.ApplyError);

    private static Finding? Suspended(TapObservation seen) =>
        seen.Tap.Spec.Suspend ? new Finding(false, "Suspended", "The tap is suspended.") : null;

    private static Finding? NotObserved(TapObservation seen) =>
        seen.DaemonSet is null || (seen.DaemonSet.Status?.ObservedGeneration ?? 0) < seen.DaemonSet.Metadata.Generation
            ? new Finding(false, "Pending", "The DaemonSet is not yet acted upon.")
            : null;

    private static Finding? FailedAgents(IEnumerable<V1Alpha1NodeStatus> nodes, bool isTrue)
    {
        var failed = nodes.Where(node => node.Phase == NodePhase.Failed).ToList();
        return failed.Count == 0
            ? null
            : new Finding(
                isTrue,
                "AgentsFailed",
                $"{failed.Count} agents cannot capture; {failed[0].Node}: {failed[0].Message}"
            );
    }

    private sealed record Finding(bool IsTrue, string Reason, string Message);
}
