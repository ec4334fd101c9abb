using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Controllers;

/// <summary>Brings an McpTap's DaemonSet to its spec, then its status to what DaemonSet and agents report.</summary>
internal sealed class McpTapController(
    AgentObjects objects,
    TapObserver observer,
    StatusWriter writer,
    ReportKeeper reports,
    FindingEvents findings,
    HealthPorts ports,
    OperatorMetrics metrics
) : IEntityController<V1Alpha1McpTap>
{
    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1Alpha1McpTap>> ReconcileAsync(
        V1Alpha1McpTap entity,
        CancellationToken cancellationToken
    )
    {
        entity = writer.Newest(entity);
        if (entity.DeletionTimestamp() is not null)
        {
            return ReconciliationResult<V1Alpha1McpTap>.Success();
        }

        // Agents keep the last spec that could be used.
        var refusal =
            entity.Spec.Redact?.Problem() ?? entity.Spec.Otlp?.Problem() ?? await ApplyAsync(entity, cancellationToken);
        var seen = observer.Observe(entity, refusal);
        await findings.RecordAsync(entity, seen, cancellationToken);
        var built = StatusBuilder.Build(seen);
        var again = await writer.WriteAsync(entity, built, cancellationToken);
        if (again is null)
        {
            await reports.DeleteAsync(entity, built.Retired, cancellationToken);
        }

        var remaining = await reports.SetIntervalAsync(entity, seen, cancellationToken);
        var requeue = again ?? (remaining ? ReportKeeper.Pause : seen.Interval);
        return refusal is null
            ? ReconciliationResult<V1Alpha1McpTap>.Success(requeue)
            : ReconciliationResult<V1Alpha1McpTap>.Failure(refusal, TimeSpan.FromSeconds(30));
    }

    // Null, or why the API server refused.
    private async Task<string?> ApplyAsync(V1Alpha1McpTap tap, CancellationToken cancellationToken)
    {
        try
        {
            await objects.ApplyAsync(tap, cancellationToken);
            return null;
        }
        catch (ApiException exception) when ((int)exception.StatusCode is 400 or 403 or 422)
        {
            return exception.Message;
        }
    }

    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1Alpha1McpTap>> DeletedAsync(
        string name,
        CancellationToken cancellationToken
    )
    {
        // Everything that belongs to a tap is owned by it: the garbage collector removes it.
        ports.Free(name);
        writer.Forget(name);
        metrics.Forget(name);
        var remaining = await reports.DeleteOrphansAsync(name, cancellationToken);
        return ReconciliationResult<V1Alpha1McpTap>.Success(remaining ? ReportKeeper.Pause : null);
    }
}
