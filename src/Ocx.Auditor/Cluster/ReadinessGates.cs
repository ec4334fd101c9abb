using System.Net;
using k8s.Models;
using Ocx.Auditor.Pods;
using Ocx.Kube;

namespace Ocx.Auditor.Cluster;

/// <summary>
/// Keeps the condition <c>ocx.dev/gated</c> of the pods that have it as a readiness gate, and of no others. It looks
/// each second: a pod that starts is not ready before it is looked at.
/// </summary>
/// <param name="source">The audits.</param>
/// <param name="pods">The pods.</param>
/// <param name="condition">Says what the condition is to be.</param>
/// <param name="client">The API server.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class ReadinessGates(
    AuditSource source,
    Informer<PodObject> pods,
    GatedCondition condition,
    ResourceClient<PodCondition> client,
    TimeProvider time,
    ILogger<ReadinessGates> log
) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, StatusAttempt> _attempts = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await source.Ready.WaitAsync(stoppingToken);
        await pods.Synced.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(s_interval, time);
        do
        {
            await KeepAllAsync(stoppingToken);
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task KeepAllAsync(CancellationToken cancellation)
    {
        PodObject[] waiting = [.. pods.All.Where(pod => pod.Spec?.WaitsForGate == true)];
        foreach (PodObject pod in waiting)
        {
            if (condition.Of(pod, Now) is { } wanted)
            {
                await KeepAsync(pod, wanted, cancellation);
            }
        }

        var uids = waiting.Select(pod => pod.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
        condition.Keep(uids);
        foreach (string gone in _attempts.Keys.Where(uid => !uids.Contains(uid)).ToList())
        {
            _attempts.Remove(gone);
        }
    }

    private DateTime Now =>
        new(time.GetUtcNow().Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc);

    private async Task KeepAsync(PodObject pod, V1PodCondition wanted, CancellationToken cancellation)
    {
        string uid = pod.Metadata.Uid,
            name = $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}",
            text = Text(wanted);
        if (pod.Status?.Conditions is [var before] && Text(before) == text)
        {
            _attempts.Remove(uid);
            return;
        }

        if (_attempts.TryGetValue(uid, out StatusAttempt? last) && last.StillHolds(text, time))
        {
            return;
        }

        try
        {
            await client.ApplyStatusAsync(PodCondition.Of(pod, wanted), cancellation);
            _attempts[uid] = new(text, time.GetTimestamp(), null);
            log.PodConditionSet(name, wanted.Status, wanted.Reason);
        }
        catch (ApiException gone) when (gone.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // The watch is about to say so: the pod is gone, or another one has its name.
        }
        catch (ApiException refused) when (refused.IsRefusal)
        {
            if (last?.Refusal != refused.Message)
            {
                log.PodConditionRefused(name, refused.Message);
            }

            _attempts[uid] = new(text, time.GetTimestamp(), refused.Message);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            // The API server is away, and the watches say so; the next round writes.
        }
    }

    private static string Text(V1PodCondition condition) =>
        $"{condition.Status} {condition.Reason}: {condition.Message}";
}
