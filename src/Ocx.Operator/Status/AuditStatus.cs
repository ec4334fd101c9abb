using k8s.Models;
using Ocx.Api;
using Ocx.Text;

namespace Ocx.Operator.Status;

/// <summary>
/// The operator's part of an McpAudit's status; the rest is the auditor's. Pure: the same observation gives the same
/// status.
/// </summary>
internal static class AuditStatus
{
    public const string Ready = "Ready";

    /// <summary>The reason while the auditor has not yet said what it makes of a spec.</summary>
    public const string WaitingForAuditor = "WaitingForAuditor";

    // What the auditor says of a spec.
    private const string RulesAccepted = "RulesAccepted";
    private const string JurorsReady = "JurorsReady";

    // As the definition has it.
    private const int LongestServer = 253;

    private const int TapsNamed = 3;

    /// <summary>The fields that the operator owns, and no others.</summary>
    public static V1Alpha1McpAuditStatus Build(AuditObservation seen)
    {
        var previous = seen.Audit.Status?.Conditions ?? [];
        var generation = seen.Audit.Metadata.Generation;
        return new()
        {
            ObservedGeneration = generation,
            Server = seen.Problem is null ? Server(seen.Audit.Spec.Server!) : null,
            Conditions = [ReadyFinding(seen).ToCondition(Ready, previous, generation, seen.Now)],
            Calls = null!,
        };
    }

    private static Assessment ReadyFinding(AuditObservation seen) =>
        Problem(seen)
        ?? Auditor(seen)
        ?? Said(seen, RulesAccepted, "RulesRefused")
        ?? Said(seen, JurorsReady, "JurorsNotReady")
        ?? (Enforces(seen) ? Gate(seen) : NoTap(seen))
        ?? (
            HasSaid(seen, RulesAccepted) && HasSaid(seen, JurorsReady)
                ? null
                : new Assessment(
                    false,
                    WaitingForAuditor,
                    "The auditor has not read this generation of the audit yet. If that lasts, see its log: "
                        + $"kubectl --namespace {seen.Namespace} logs statefulset/ocx-tap-auditor"
                )
        )
        ?? new Assessment(true, "Auditing", Audited(seen));

    private static Assessment? Problem(AuditObservation seen) =>
        seen.Problem is { } problem
            ? new Assessment(false, TapProblem.InvalidSpec, TapProblem.Corrected(problem, "mcpaudit"))
            : null;

    private static Assessment? Auditor(AuditObservation seen) =>
        seen switch
        {
            { AuditorsWanted: 0 } => new Assessment(
                false,
                "AuditorOff",
                $"There is no auditor in namespace {seen.Namespace}: its StatefulSet is gone, or has no replicas. "
                    + "helm upgrade with audit.enabled=true puts it back."
            ),
            { AuditorsReady: 0 } => new Assessment(
                false,
                "AuditorNotReady",
                $"None of {seen.AuditorsWanted} auditors is ready. Its pods say why: "
                    + $"kubectl --namespace {seen.Namespace} describe pods --selector "
                    + "app.kubernetes.io/name=ocx-auditor"
            ),
            _ => null,
        };

    private static Assessment? Said(AuditObservation seen, string type, string reason) =>
        Condition(seen, type) is { Status: "False" } said
            ? new Assessment(false, reason, said.Message ?? string.Empty)
            : null;

    private static bool HasSaid(AuditObservation seen, string type) => Condition(seen, type) is { Status: "True" };

    // What is said of an earlier generation is not said of this one.
    private static V1Condition? Condition(AuditObservation seen, string type) =>
        (seen.Audit.Status?.Conditions ?? []).FirstOrDefault(condition =>
            condition.Type == type && condition.ObservedGeneration == seen.Audit.Metadata.Generation
        );

    private static bool Enforces(AuditObservation seen) => seen.Audit.Spec.Mode == AuditMode.Enforce;

    private static Assessment? Gate(AuditObservation seen) =>
        seen.Gates switch
        {
            null => new Assessment(
                false,
                "GateOff",
                "There are no gates, so nothing is held: helm upgrade ocx-tap deploy/helm/ocx-tap --namespace "
                    + $"{seen.Namespace} --reuse-values --set audit.gate.enabled=true"
            ),
            { Wanted: var wanted, Ready: var ready } when ready < wanted || wanted == 0 => new Assessment(
                false,
                "GateNotReady",
                $"Gates are ready on {ready} of {wanted} nodes, and on the others calls are not held. Their pods "
                    + $"say why: kubectl --namespace {seen.Namespace} get pods --output wide --selector "
                    + "app.kubernetes.io/name=ocx-gate"
            ),
            _ => null,
        };

    private static Assessment? NoTap(AuditObservation seen)
    {
        if (seen.Taps.Any(tap => !tap.IsSuspended))
        {
            return null;
        }

        var port = seen.Audit.Spec.Server!.Port;
        return new Assessment(
            false,
            "NoTap",
            seen.Taps is [var suspended, ..]
                ? $"McpTap {suspended.Name}, which taps port {port}, is suspended."
                : $"No McpTap taps port {port}, so nobody tells of the calls. Create one: kubectl explain mcptap.spec"
        );
    }

    private static string Audited(AuditObservation seen)
    {
        if (Enforces(seen))
        {
            return $"Gates on {seen.Gates!.Value.Ready} nodes hold the calls until there is a verdict.";
        }

        var live = seen.Taps.Where(tap => !tap.IsSuspended).ToList();
        var hiding = live.FindAll(tap => tap.HidesArguments);
        return $"{Names(live)} {(live.Count == 1 ? "tells" : "tell")} of the calls."
            + (
                hiding.Count == 0
                    ? string.Empty
                    : $" Jurors see no arguments of those that {Names(hiding)} tells of: its payload is Metadata. "
                        + "Rules that look at arguments need payload Full."
            );
    }

    private static string Names(List<AuditedTap> taps) =>
        "McpTap "
        + string.Join(", ", taps.Take(TapsNamed).Select(tap => tap.Name))
        + (taps.Count > TapsNamed ? " and others" : string.Empty);

    private static string Server(V1Alpha1AuditServer server)
    {
        var labels = (server.PodSelector!.MatchLabels ?? new Dictionary<string, string>())
            .OrderBy(label => label.Key, StringComparer.Ordinal)
            .Select(label => $"{label.Key}={label.Value}");
        var rules = (server.PodSelector.MatchExpressions ?? []).Select(Shown);
        var port = $":{server.Port}";
        return WireText.Escape(string.Join(',', labels.Concat(rules)), LongestServer - port.Length) + port;
    }

    // As kubectl takes them.
    private static string Shown(V1Alpha1LabelRule rule) =>
        rule.Operator switch
        {
            LabelOperator.Exists => rule.Key,
            LabelOperator.DoesNotExist => $"!{rule.Key}",
            _ => $"{rule.Key} {(rule.Operator == LabelOperator.In ? "in" : "notin")} "
                + $"({string.Join(',', rule.Values ?? [])})",
        };
}
