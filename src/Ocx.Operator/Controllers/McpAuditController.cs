using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;

namespace Ocx.Operator.Controllers;

/// <summary>
/// Says of each McpAudit whether its calls are audited, and if not, why. What agents are given for it is
/// <see cref="AuditedPorts"/>'; counts and what becomes of rules and jurors are the auditor's.
/// </summary>
internal sealed class McpAuditController(
    Informer<V1Alpha1McpTap> taps,
    Informer<V1StatefulSet> auditors,
    Informer<V1DaemonSet> daemonSets,
    ResourceClient<V1Alpha1McpAudit> client,
    AuditEvents events,
    RefusalEvents refusals,
    OperatorOptions options,
    TimeProvider time
) : IEntityController<V1Alpha1McpAudit>
{
    private readonly StatusApplier<V1Alpha1McpAudit> _applier = new(client, time);

    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1Alpha1McpAudit>> ReconcileAsync(
        V1Alpha1McpAudit entity,
        CancellationToken cancellationToken
    )
    {
        entity = _applier.Newest(entity);
        if (entity.DeletionTimestamp() is not null)
        {
            return ReconciliationResult<V1Alpha1McpAudit>.Success();
        }

        var untold = await refusals.RecordAsync(entity, cancellationToken);
        var status = AuditStatus.Build(Observe(entity));
        if (Same(entity.Status, status))
        {
            return ReconciliationResult<V1Alpha1McpAudit>.Success(untold);
        }

        var applied = await _applier.ApplyAsync(
            entity,
            new V1Alpha1McpAudit { Spec = null!, Status = status },
            cancellationToken
        );
        if (applied.Refusal is { } refusal)
        {
            await events.RecordRefusalAsync(entity, refusal, cancellationToken);
        }

        if (applied.Again is null)
        {
            await events.RecordChangeAsync(entity, status, cancellationToken);
        }

        return ReconciliationResult<V1Alpha1McpAudit>.Success(applied.Again ?? untold);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<V1Alpha1McpAudit>> DeletedAsync(string name, CancellationToken cancellationToken)
    {
        _applier.Forget(name);
        refusals.Forget(name);
        return Task.FromResult(ReconciliationResult<V1Alpha1McpAudit>.Success());
    }

    private AuditObservation Observe(V1Alpha1McpAudit audit)
    {
        var problem = AuditedPorts.Problem(audit);
        var auditor = auditors.Find(AuditorNames.Auditor);
        return new()
        {
            Audit = audit,
            Problem = problem,
            AuditorsWanted = auditor?.Spec.Replicas ?? (auditor is null ? 0 : 1),
            AuditorsReady = auditor?.Status?.ReadyReplicas ?? 0,
            Namespace = options.Namespace,
            Gates = options.Gate is null ? null : Gates(daemonSets.Find(GateNames.Gate)),
            Taps = problem is null ? [.. TapsOn(audit.Spec.Server!.Port)] : [],
            Now = StatusTime.Of(time),
        };
    }

    // What takes gates' rules away holds nothing, and one of an earlier template may go at any moment.
    private static GateNodes Gates(V1DaemonSet? set) =>
        set is null || !GateDaemonSet.IsHolding(set) || set.Status is not { } status
            ? default
            : new(
                status.DesiredNumberScheduled,
                (status.ObservedGeneration ?? 0) < (set.Metadata.Generation ?? 0) ? 0 : status.NumberReady
            );

    // Of a tap that cannot be read it is not known what it taps.
    private IEnumerable<AuditedTap> TapsOn(int port) =>
        taps
            .All.Where(tap => tap.Problem is null && AuditedPorts.PortsOf(tap).Contains(port))
            .OrderBy(tap => tap.Name(), StringComparer.Ordinal)
            .Select(tap => new AuditedTap(tap.Name(), tap.Spec.Suspend, tap.Spec.Payload == PayloadMode.Metadata));

    private static bool Same(V1Alpha1McpAuditStatus? present, V1Alpha1McpAuditStatus wanted)
    {
        var ready = wanted.Conditions!.Single();
        var before = present?.Conditions?.FirstOrDefault(condition => condition.Type == ready.Type);
        return before is not null
            && (present!.ObservedGeneration, present.Server) == (wanted.ObservedGeneration, wanted.Server)
            && (before.Status, before.Reason, before.Message, before.ObservedGeneration)
                == (ready.Status, ready.Reason, ready.Message, ready.ObservedGeneration);
    }
}
