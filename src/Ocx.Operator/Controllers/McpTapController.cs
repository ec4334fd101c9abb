using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Controllers;

/// <summary>
/// Brings an McpTap's DaemonSet to its spec, then its status to what DaemonSet and agents report. Whatever stands in
/// the way of that is told in the tap's conditions.
/// </summary>
internal sealed class McpTapController(
    Informer<V1Alpha1McpTap> taps,
    AgentObjects objects,
    TapObserver observer,
    StatusWriter writer,
    ReportKeeper reports,
    FindingEvents findings,
    MissingPods missing,
    OperatorMetrics metrics
) : IEntityController<V1Alpha1McpTap>
{
    // Some failures pass by themselves within seconds: only those that stay are told.
    private const int FailuresTold = 5;

    // Thousands of taps are not looked at all at once when nothing has changed.
    private const int LooksPerSecond = 100;

    private readonly Dictionary<string, int> _failures = [];

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

        try
        {
            var result = await BringAsync(entity, cancellationToken);
            _failures.Remove(entity.Name());
            return result;
        }
        catch (Exception exception)
            when (exception is not (HttpRequestException or OutOfMemoryException)
                && !cancellationToken.IsCancellationRequested
            )
        {
            var failures = _failures[entity.Name()] = _failures.GetValueOrDefault(entity.Name()) + 1;
            var problem = TapProblem.Failing($"{exception.GetType().Name}: {exception.Shown()}");
            if (failures >= FailuresTold)
            {
                await writer.WriteAsync(
                    entity,
                    StatusBuilder.Failing(entity, problem, observer.Now),
                    cancellationToken
                );
            }

            return ReconciliationResult<V1Alpha1McpTap>.Failure(problem.Message);
        }
    }

    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1Alpha1McpTap>> DeletedAsync(
        string name,
        CancellationToken cancellationToken
    )
    {
        // Everything that belongs to a tap is owned by it: the garbage collector removes it.
        objects.Forget(name);
        writer.Forget(name);
        missing.Forget(name);
        metrics.Forget(name);
        _failures.Remove(name);
        var remaining = await reports.DeleteOrphansAsync(name, cancellationToken);
        return ReconciliationResult<V1Alpha1McpTap>.Success(remaining ? ReportKeeper.Pause : null);
    }

    private async Task<ReconciliationResult<V1Alpha1McpTap>> BringAsync(
        V1Alpha1McpTap tap,
        CancellationToken cancellationToken
    )
    {
        // Agents keep the last spec that could be used.
        var problem = (tap.Problem ?? SpecRules.Problem(tap.Spec)) is { } wrong
            ? TapProblem.OfSpec(wrong)
            : await objects.ApplyAsync(tap, cancellationToken);
        var seen = await observer.ObserveAsync(tap, problem, cancellationToken);
        await findings.RecordAsync(tap, seen, cancellationToken);
        var built = StatusBuilder.Build(seen);
        var again = await writer.WriteAsync(tap, built, cancellationToken);
        if (again is null)
        {
            await reports.DeleteAsync(tap, built.Retired, cancellationToken);
        }

        var remaining = await reports.SetIntervalAsync(tap, seen, cancellationToken);
        var requeue =
            again
            ?? (
                remaining ? ReportKeeper.Pause
                : missing.IsWaiting(tap.Name()) ? MissingPods.LookAgain
                : Later(seen.Interval)
            );
        return problem is null
            ? ReconciliationResult<V1Alpha1McpTap>.Success(requeue)
            : ReconciliationResult<V1Alpha1McpTap>.Failure(problem.Message, requeue);
    }

    private TimeSpan Later(TimeSpan interval)
    {
        var turn = TimeSpan.FromSeconds((double)taps.Count / LooksPerSecond);
        return interval > turn ? interval : turn;
    }
}
