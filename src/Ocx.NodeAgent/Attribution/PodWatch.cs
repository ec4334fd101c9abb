using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Ocx.NodeAgent.Attribution;

/// <summary>
/// Keeps a <see cref="PodTable"/> current: a list, then a watch from there on, and the list again where the watch cannot go on (410 Gone).
/// The tap never waits for it: while the API server is away or refuses, calls are told without names.
/// </summary>
/// <param name="client">The API server.</param>
/// <param name="pods">The table.</param>
/// <param name="logger">The log.</param>
internal sealed class PodWatch(PodClient client, PodTable pods, ILogger logger)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_refusedDelay = TimeSpan.FromMinutes(5);

    // Watches that began together do not end together.
    private static readonly TimeSpan s_shortestWatch = TimeSpan.FromMinutes(5);

    // What the API server's own end of a watch may take to arrive, before the connection counts as broken.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private string? _resourceVersion;
    private bool _refusalTold;
    private int _failures;

    /// <summary>Watches until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan delay = Jittered(s_firstDelay);
            try
            {
                await ListAsync(cancellationToken).ConfigureAwait(false);
                await WatchAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException gone) when (gone.StatusCode == HttpStatusCode.Gone)
            {
                _resourceVersion = null;
            }
            catch (HttpRequestException refused) when (refused.StatusCode == HttpStatusCode.Forbidden)
            {
                _resourceVersion = null;
                delay = Jittered(s_refusedDelay);
                if (!_refusalTold)
                {
                    _refusalTold = true;
                    logger.PodsRefused();
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException or OperationCanceledException
                && !cancellationToken.IsCancellationRequested)
            {
                TimeSpan doubled = s_firstDelay * Math.Pow(2, Math.Min(_failures++, 10));
                delay = Jittered(doubled < s_longestDelay ? doubled : s_longestDelay);
                logger.PodWatchFailed(delay, exception.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.Delay(delay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TimeSpan Jittered(TimeSpan delay) => delay * (0.5 + (Random.Shared.NextDouble() / 2));

    private static long Now() => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        if (_resourceVersion is not null)
        {
            return;
        }
        PodList list = await client.ListAsync(cancellationToken).ConfigureAwait(false);
        pods.Replace((list.Items ?? []).Select(NodePod.From), Now());
        _resourceVersion = list.Metadata.ResourceVersion;
        _refusalTold = false;
        logger.PodsKnown(pods.Count);
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        TimeSpan duration = s_shortestWatch * (1 + Random.Shared.NextDouble());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(duration + s_patience);
        await foreach (PodChange change in client.WatchAsync(_resourceVersion!, duration, limit.Token).ConfigureAwait(false))
        {
            PodDocument pod = change.Object.Deserialize(PodJson.Default.PodDocument) ?? throw new JsonException("A change of nothing.");
            switch (change.Type)
            {
                case "ADDED" or "MODIFIED":
                    pods.Put(NodePod.From(pod), Now());
                    break;
                case "DELETED":
                    pods.Remove(pod.Metadata.Uid, Now());
                    break;
            }
            _resourceVersion = pod.Metadata.ResourceVersion;
            _failures = 0;
        }
    }
}
