using System.Collections.Concurrent;
using k8s;
using k8s.Models;

namespace Ocx.Cluster.Tests;

/// <summary>
/// When the API server first told of each pod's address: nobody can name a pod by its address before that. Watches
/// until it is disposed of.
/// </summary>
internal sealed class PodAddresses : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _told = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public PodAddresses(Kubernetes kubernetes, string @namespace) => _watching = WatchAsync(kubernetes, @namespace);

    /// <summary>When a pod's address was told.</summary>
    public DateTimeOffset ToldAt(string pod) =>
        _told.TryGetValue(pod, out var at)
            ? at
            : throw new InvalidOperationException($"The address of {pod} was never told.");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ContinueWith(_ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    private async Task WatchAsync(Kubernetes kubernetes, string @namespace)
    {
        while (!_stop.IsCancellationRequested)
        {
            await foreach (
                var (_, pod) in kubernetes.CoreV1.WatchListNamespacedPodAsync(
                    @namespace,
                    cancellationToken: _stop.Token
                )
            )
            {
                if (!string.IsNullOrEmpty(pod.Status?.PodIP))
                {
                    _told.TryAdd(pod.Name(), DateTimeOffset.UtcNow);
                }
            }
        }
    }
}
