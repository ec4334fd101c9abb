using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Rehearsing;
using Ocx.Kube;
using Ocx.Ledger;
using Ocx.Text;

namespace Ocx.Auditor.Cluster;

/// <summary>
/// The part of an McpAudit's status that is the auditor's: the rest is the operator's, and no field is both's.
/// </summary>
[KubernetesEntity(
    Group = OcxApi.Group,
    ApiVersion = OcxApi.Version,
    Kind = V1Alpha1McpAudit.KubeKind,
    PluralName = V1Alpha1McpAudit.KubePluralName
)]
internal sealed class AuditStatus() : PartialObject(OcxApi.GroupVersion, V1Alpha1McpAudit.KubeKind)
{
    private const int MostTools = 10,
        MostFailures = 16,
        MostSources = 8,
        LongestProblem = 512;

    [JsonPropertyName("status")]
    public V1Alpha1McpAuditStatus Status { get; set; } = new();

    /// <summary>What is to stand there.</summary>
    /// <param name="kept">The audit.</param>
    /// <param name="totals">What its calls came to; null for no calls.</param>
    /// <param name="sight">Whether its calls are held; null in mode Observe.</param>
    /// <param name="now">The time, of conditions that change.</param>
    public static AuditStatus Of(KeptAudit kept, AuditTotals? totals, EnforcementSight? sight, DateTime now)
    {
        ArgumentNullException.ThrowIfNull(kept);
        return new()
        {
            // With the uid it is written to this very object, and not to a later one of its name.
            Metadata = new V1ObjectMeta
            {
                Name = kept.Object.Name(),
                NamespaceProperty = kept.Object.Namespace(),
                Uid = kept.Object.Uid(),
            },
            Status = new V1Alpha1McpAuditStatus
            {
                Conditions = AuditConditions.Of(kept, sight, now),
                Calls = new VerdictCounts
                {
                    Total = Bounded(totals?.Total),
                    Released = Bounded(totals?.Released),
                    Refused = Bounded(totals?.Refused),
                    Held = Bounded((totals?.Held ?? 0) + (sight?.Waiting ?? 0)),
                    Expired = Bounded(totals?.Expired),
                },
                ToolsRefusedMost = totals?.RefusedTools is { Count: > 0 } tools
                    ?
                    [
                        .. tools
                            .Take(MostTools)
                            .Select(tool => new RefusedTool { Name = tool.Tool, Refused = Bounded(tool.Refused) }),
                    ]
                    : null,
                Latency = totals is { Total: > 0 }
                    ? new VerdictLatency
                    {
                        P50Milliseconds = Bounded((long)Math.Ceiling(totals.P50.TotalMilliseconds)),
                        P99Milliseconds = Bounded((long)Math.Ceiling(totals.P99.TotalMilliseconds)),
                    }
                    : null,
                Holds =
                    sight is null && totals is not ({ Holds: > 0 } or { Failures.Count: > 0 })
                        ? null
                        : Holds(totals, sight),
                Rehearsal = kept.Active?.Rehearsal is { } rehearsal ? Rehearsals(rehearsal) : null,
            },
        };
    }

    private static HoldStatus Holds(AuditTotals? totals, EnforcementSight? sight) =>
        new()
        {
            Waiting = Bounded(sight?.Waiting),
            Total = Bounded(totals?.Holds),
            P50Milliseconds = Bounded((long)Math.Ceiling(totals?.HoldP50.TotalMilliseconds ?? 0)),
            P99Milliseconds = Bounded((long)Math.Ceiling(totals?.HoldP99.TotalMilliseconds ?? 0)),
            Failures = totals?.Failures is { Count: > 0 } failures
                ?
                [
                    .. failures
                        .Take(MostFailures)
                        .Select(failure => new HoldFailureStatus
                        {
                            Reason = failure.Name,
                            Passed = Bounded(failure.Passed),
                            Refused = Bounded(failure.Refused),
                        }),
                ]
                : null,
        };

    private static RehearsalStatus Rehearsals(Rehearsal rehearsal) =>
        new()
        {
            Warm = Bounded(rehearsal.Sight?.Warm),
            Total = Bounded(rehearsal.Total),
            Failures = rehearsal.Failures is { Count: > 0 } failures
                ?
                [
                    .. failures
                        .Take(MostFailures)
                        .Select(one => new RehearsalFailureStatus { Reason = one.Reason, Count = Bounded(one.Count) }),
                ]
                : null,
            Clones = rehearsal.Sight?.Clones is { Count: > 0 } clones
                ? [.. clones.Take(MostSources).Select(Clone)]
                : null,
        };

    // In whole seconds, so that a lag that goes up and down is not written anew each time.
    private static CloneStatus Clone(CloneSight clone) =>
        new()
        {
            Name = clone.Source,
            Ready = Bounded(clone.Ready),
            LagMilliseconds = Bounded((long)Math.Ceiling(clone.Lag.TotalSeconds) * 1000),
            Problem = clone.Problem is { } problem ? WireText.Escape(problem, LongestProblem) : null,
        };

    /// <summary>The same part of what the API server has, to compare.</summary>
    public static string Text(V1Alpha1McpAuditStatus? status) =>
        status is null
            ? string.Empty
            : KubernetesJson.Serialize(
                new V1Alpha1McpAuditStatus
                {
                    Calls = status.Calls,
                    ToolsRefusedMost = status.ToolsRefusedMost,
                    Latency = status.Latency,
                    Holds = status.Holds,
                    Rehearsal = status.Rehearsal,
                    Conditions =
                    [
                        .. (status.Conditions ?? [])
                            .Where(one =>
                                one.Type
                                    is AuditConditions.RulesAccepted
                                        or AuditConditions.JurorsReady
                                        or AuditConditions.Enforcing
                                        or AuditConditions.Rehearsing
                            )
                            .OrderByDescending(one => one.Type, StringComparer.Ordinal),
                    ],
                }
            );

    private static long Bounded(long? count) => Math.Clamp(count ?? 0, 0, Counts.Largest);
}
