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

    /// <summary>The reason when agents run and cannot capture.</summary>
    public const string AgentsFailed = "AgentsFailed";

    // A status is written once in some seconds: a loss that is told for less time than that could pass unseen.
    private static readonly TimeSpan s_shortestLoss = TimeSpan.FromSeconds(30);

    // Whoever has just made a tap may not have called a server yet.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(5);

    public static IList<V1Condition> Of(
        TapObservation seen,
        V1Alpha1McpTapStatus status,
        IReadOnlyCollection<V1Alpha1NodeStatus> nodes,
        IReadOnlyCollection<V1Alpha1McpTapReport> live
    )
    {
        var previous = seen.Tap.Status?.Conditions ?? [];
        var generation = seen.Tap.Metadata.Generation;
        var degraded = DegradedFinding(seen, nodes);
        return
        [
            Condition(Ready, ReadyFinding(seen, status, nodes, degraded)),
            Condition(Progressing, ProgressingFinding(seen, status)),
            Condition(Degraded, degraded),
            Condition(DataLoss, DataLossFinding(seen, live)),
            Condition(ReportsAccepted, ReportsFinding(seen)),
        ];

        V1Condition Condition(string type, Assessment finding) =>
            finding.ToCondition(type, previous, generation, seen.Now);
    }

    /// <summary>The conditions of a tap that the operator fails at: the others stay as they were.</summary>
    public static IList<V1Condition> Failing(
        IList<V1Condition> previous,
        TapProblem problem,
        long? generation,
        DateTime now
    ) =>
        [
            new Assessment(false, problem.Reason, problem.Message).ToCondition(Ready, previous, generation, now),
            new Assessment(true, problem.Reason, problem.Message).ToCondition(Degraded, previous, generation, now),
            .. previous.Where(condition => condition.Type is not (Ready or Degraded)),
        ];

    private static Assessment ReadyFinding(
        TapObservation seen,
        V1Alpha1McpTapStatus status,
        IReadOnlyCollection<V1Alpha1NodeStatus> nodes,
        Assessment degraded
    ) =>
        Problem(seen, isTrue: false)
        ?? Suspended(seen)
        ?? (seen.CreateFailure is null ? null : Trouble(seen, isTrue: false))
        ?? NotObserved(seen)
        ?? (
            status.DesiredNodes == 0
                ? new Assessment(false, "NoNodes", "No node matches nodeSelector, affinity and tolerations.")
                : null
        )
        ?? FailedAgents(nodes, isTrue: false)
        ?? (
            status.ReadyNodes < status.DesiredNodes
                ? Trouble(seen, isTrue: false)
                    ?? new Assessment(
                        false,
                        "AgentsNotReady",
                        $"{status.ReadyNodes} of {status.DesiredNodes} agents are ready."
                    )
                : null
        )
        // What is wrong has to show where only this reason does.
        ?? (degraded.IsTrue ? degraded with { Message = $"{AllReady(status)} {degraded.Message}" } : null)
        ?? Quiet(seen, status)
        ?? new Assessment(true, "Running", AllReady(status));

    private static string AllReady(V1Alpha1McpTapStatus status) =>
        status.DesiredNodes == 1 ? "The agent is ready." : $"All {status.DesiredNodes} agents are ready.";

    // Agents that report and have never seen a packet of theirs.
    private static Assessment? Quiet(TapObservation seen, V1Alpha1McpTapStatus status)
    {
        var since = seen.Tap.Status?.Conditions?.FirstOrDefault(condition => condition.Type == Ready);
        if (
            status.Packets.Filtered > 0
            || status.LastReportTime is null
            || since is not { Status: "True", LastTransitionTime: { } ready }
            || seen.Now - ready < s_quiet
        )
        {
            return null;
        }

        var spec = seen.Tap.Spec;
        var isAny = spec.Interface == "any";
        var ports = string.Join(", ", (spec.AdditionalPorts ?? []).Prepend(spec.Port).Distinct());
        var advice = isAny
            ? "Is this the port of the servers' pods, and not of their Service?"
            : "Pods of one node talk over their own links alone: try interface any. Is this the port of the servers' "
                + "pods, and not of their Service?";
        return new Assessment(
            true,
            "NothingCaptured",
            $"{AllReady(status)} No packet of port {ports} has passed {(isAny ? "any interface" : spec.Interface)} "
                + $"yet. {advice}"
        );
    }

    private static Assessment? Trouble(TapObservation seen, bool isTrue) =>
        AgentTroubles.Of(seen) is { } trouble ? new Assessment(isTrue, trouble.Reason, trouble.Message) : null;

    private static string Count(int count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";

    private static Assessment ProgressingFinding(TapObservation seen, V1Alpha1McpTapStatus status)
    {
        if ((Problem(seen, isTrue: false) ?? Suspended(seen)) is { } halted)
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
                ? new Assessment(true, "Starting", $"{status.ReadyNodes} of {status.DesiredNodes} agents are ready.")
                : new Assessment(false, "RolledOut", "Every agent runs the present spec.");
        }

        return seen.DaemonSet.Spec.UpdateStrategy?.Type == "OnDelete"
            ? new Assessment(
                false,
                "RolloutPaused",
                $"{updated} of {status.DesiredNodes} agents run the present spec; "
                    + "updateStrategy OnDelete waits for their pods to be deleted."
            )
            : new Assessment(true, "RollingOut", $"{updated} of {status.DesiredNodes} agents run the present spec.");
    }

    private static Assessment DegradedFinding(TapObservation seen, IReadOnlyCollection<V1Alpha1NodeStatus> nodes)
    {
        var ignored = seen.Ignored.Where(each => each.NamesItsNode).Select(each => each.Report.Spec.Node).ToHashSet();
        var unknown = nodes
            .Where(node => node.Phase == NodePhase.Unknown && !ignored.Contains(node.Node))
            .Select(node => node.Node)
            .ToList();
        return Problem(seen, isTrue: true)
            ?? FailedAgents(nodes, isTrue: true)
            ?? (seen.Tap.Spec.Suspend ? null : Trouble(seen, isTrue: true))
            ?? (
                seen.Conflicts.Count > 0
                    ? new Assessment(
                        true,
                        "PortConflict",
                        $"Also tapped on the same interface and port by {Listed(seen.Conflicts)}: the traffic is "
                            + "captured more than once. Delete one of the McpTaps, or change its port."
                    )
                    : null
            )
            ?? (
                unknown.Count > 0
                    ? new Assessment(
                        true,
                        "ReportsMissing",
                        $"{Count(unknown.Count, "node")} not heard of for three intervals: "
                            + $"{Listed(unknown)}. See the agents' pods on them, and the API server's load."
                    )
                    : null
            )
            ?? (seen.Ignored.Count > 0 ? ReportsFinding(seen) with { IsTrue = true } : null)
            ?? new Assessment(false, "AsExpected", "Nothing is wrong.");
    }

    // Agents report the time of their last drop, so a loss is seen even where the operator missed the report in
    // between.
    private static Assessment DataLossFinding(TapObservation seen, IEnumerable<V1Alpha1McpTapReport> live)
    {
        var recent = 2 * seen.Interval > s_shortestLoss ? 2 * seen.Interval : s_shortestLoss;
        var losing = live.Where(report => report.Status?.LastDropTime is { } time && seen.Now - time <= recent)
            .OrderByDescending(report => report.Status!.Packets.Dropped)
            .ToList();
        if (losing.Count == 0)
        {
            return new Assessment(false, "NoLoss", "No packet was lost in the last interval.");
        }

        var advice = RingSize.NextLarger(seen.Tap.Spec.RingSize ?? string.Empty) is { } larger
            ? $"Try ringSize {larger}."
            : "The ring has its largest size: tap fewer ports, or lower snapLength.";
        return new Assessment(
            true,
            "RingFull",
            $"The ring buffer overflowed on {Count(losing.Count, "node")}, most on {losing[0].Spec.Node}. {advice}"
        );
    }

    private static Assessment ReportsFinding(TapObservation seen)
    {
        if (seen.Ignored.Count == 0)
        {
            return new Assessment(true, "Plausible", "Every report is used.");
        }

        // A name in full is that of an object of the API server, but who made the object chose it.
        var named = seen
            .Ignored.OrderBy(each => each.Report.Metadata.Name, StringComparer.Ordinal)
            .Take(3)
            .Select(each => $"{WireText.Escape(each.Report.Metadata.Name, 100)}: {each.Problem}");
        return new Assessment(
            false,
            "ImplausibleReport",
            $"{Count(seen.Ignored.Count, "report")} ignored, among them {string.Join("; ", named)}. "
                + "If an agent is not at fault, somebody writes in its place."
        );
    }

    private static Assessment? Problem(TapObservation seen, bool isTrue) =>
        seen.Problem is { } problem ? new Assessment(isTrue, problem.Reason, problem.Message) : null;

    private static Assessment? Suspended(TapObservation seen) =>
        seen.Tap.Spec.Suspend ? new Assessment(false, "Suspended", "The tap is suspended.") : null;

    private static Assessment? NotObserved(TapObservation seen) =>
        seen.DaemonSet is null || (seen.DaemonSet.Status?.ObservedGeneration ?? 0) < seen.DaemonSet.Metadata.Generation
            ? new Assessment(false, "Pending", "The DaemonSet is not yet acted upon.")
            : null;

    private static Assessment? FailedAgents(IEnumerable<V1Alpha1NodeStatus> nodes, bool isTrue)
    {
        var failed = nodes.Where(node => node.Phase == NodePhase.Failed).ToList();
        return failed.Count == 0
            ? null
            : new Assessment(
                isTrue,
                AgentsFailed,
                $"{Count(failed.Count, "agent")} cannot capture; {failed[0].Node}: {failed[0].Message}"
            );
    }

    private static string Listed(IReadOnlyList<string> names) =>
        names.Count > 3 ? $"{string.Join(", ", names.Take(3))} and others" : string.Join(", ", names);
}
