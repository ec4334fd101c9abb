using k8s;
using k8s.Models;
using Ocx.Kube;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Runtime;

/// <summary>Runs one controller: a queue of keys, and a worker that takes from it while this replica leads.</summary>
/// <typeparam name="TController">The controller.</typeparam>
/// <typeparam name="TEntity">Its kind.</typeparam>
internal sealed class ControllerService<TController, TEntity>(
    TController controller,
    Informer<TEntity> informer,
    IEnumerable<IInformer> informers,
    IEnumerable<Trigger<TController>> triggers,
    Leadership leadership,
    OperatorMetrics metrics,
    TimeProvider time,
    ILogger<ControllerService<TController, TEntity>> logger
) : BackgroundService
    where TController : class, IEntityController<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly string s_name = typeof(TController).Name;

    // What was logged of an entity that fails: the same is not logged again and again.
    private readonly Dictionary<string, string> _told = [];

    private readonly WorkQueue _queue = new(
        new ExponentialBackoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(2)),
        time
    );

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.QueueDepth.WithLabels(s_name).Set(0);
        informer.Changed += entity => _queue.Add(informer.KeyOf(entity));
        foreach (var trigger in triggers)
        {
            trigger.Connect(_queue.AddAfter);
        }

        await Task.WhenAll(informers.Select(each => each.Synced).Append(leadership.Acquired)).WaitAsync(stoppingToken);
        foreach (var entity in informer.All)
        {
            _queue.Add(informer.KeyOf(entity));
        }

        await WorkAsync(stoppingToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _queue.Dispose();
        base.Dispose();
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var key = await _queue.TakeAsync(stoppingToken);
            metrics.QueueDepth.WithLabels(s_name).Set(_queue.Depth);
            try
            {
                await ReconcileAsync(key, stoppingToken);
            }
            finally
            {
                _queue.Done(key);
            }
        }
    }

    private async Task ReconcileAsync(string key, CancellationToken stoppingToken)
    {
        using var timer = Prometheus.TimerExtensions.NewTimer(metrics.ReconcileSeconds.WithLabels(s_name));
        ReconciliationResult<TEntity> result;
        try
        {
            result = informer.Find(key) is { } entity
                ? await controller.ReconcileAsync(entity, stoppingToken)
                : await controller.DeletedAsync(key, stoppingToken);
        }
        catch (Exception exception)
            when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            // Whatever it is, it concerns this entity alone: the others go on.
            result = ReconciliationResult<TEntity>.Failure($"{exception.GetType().Name}: {exception.Shown()}");
        }

        if (result.IsSuccess)
        {
            _queue.Forget(key);
            _told.Remove(key);
        }
        else
        {
            metrics.ReconcileErrors.WithLabels(s_name).Inc();
            if (_told.GetValueOrDefault(key) != result.ErrorMessage)
            {
                _told[key] = result.ErrorMessage!;
                logger.ReconcileFailed(s_name, key, result.ErrorMessage!);
            }
        }

        if (result.RequeueAfter is { } delay)
        {
            _queue.AddAfter(key, delay);
        }
        else if (!result.IsSuccess)
        {
            _queue.AddFailed(key);
        }
    }
}

/// <summary>Something else than the entity itself that makes a controller look at it again.</summary>
/// <typeparam name="TController">The controller.</typeparam>
/// <param name="Connect">Is given what adds an entity's key to the queue after a while.</param>
internal sealed record Trigger<TController>(Action<Action<string, TimeSpan>> Connect);
