using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Ocx.NodeAgent.Cluster;

namespace Ocx.NodeAgent.Attribution;

/// <summary>
/// Keeps a <see cref="PodTable"/> current: a list, then one watch after the other from there on, and the list again
/// where the next cannot go on (410 Gone). The tap never waits for it: while the API server is away or refuses, calls
/// are told without names.
/// </summary>
/// <param name="client">The API server.</param>
/// <param name="pods">The table.</param>
/// <param name="logger">The log.</param>
internal sealed class PodWatch(PodClient client, PodTable pods, ILogger logger)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_longestRefusedDelay = TimeSpan.FromMinutes(5);

    // An API server that has just started refuses everyone for some seconds, until it has read the roles.
    private const int RefusalsUntilTold = 4;

    // The API server sends a bookmark about once a minute: a connection that is silent for longer is broken.
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromMinutes(3);

    // What passed while there was no watch is told at once when there is one again.
    private static readonly TimeSpan s_catchUp = TimeSpan.FromMilliseconds(500);

    // Every watch ends, and the next tells what passed in between. The names are good meanwhile, but not for longer
    // than this.
    private static readonly TimeSpan s_longestRenewal = TimeSpan.FromSeconds(2);

    // The end of a watch, and that of the next for its version's age. Of more in a row, each sooner than that, the
    // server is not well.
    private const int MaxRenewals = 2;

    private string? _resourceVersion;
    private long? _endedAt;
    private bool _trusted;
    private int _renewals;
    private int _failures;
    private bool _refusalTold;

    /// <summary>
    /// A watch is asked for so long, or up to twice as long: watches that began together do not end together.
    /// </summary>
    public TimeSpan ShortestWatch { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Watches until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan delay = Jittered(s_firstDelay);
            try
            {
                await FollowAsync(cancellationToken).ConfigureAwait(false);
                if (Renews())
                {
                    continue;
                }
            }
            catch (HttpRequestException gone) when (gone.StatusCode == HttpStatusCode.Gone)
            {
                _resourceVersion = null;
                if (Renews())
                {
                    continue;
                }
            }
            catch (HttpRequestException refused) when (refused.StatusCode == HttpStatusCode.Forbidden)
            {
                delay = NextDelay(s_longestRefusedDelay);
                TellRefusal();
            }
            catch (Exception exception)
                when (exception is HttpRequestException or IOException or JsonException or OperationCanceledException
                    && !cancellationToken.IsCancellationRequested
                )
            {
                delay = NextDelay(s_longestDelay);
                logger.PodWatchFailed(delay, exception.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            pods.Doubt(_endedAt ?? Now());
            _trusted = false;
            await Task.Delay(delay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TimeSpan Jittered(TimeSpan delay) => delay * (0.5 + (Random.Shared.NextDouble() / 2));

    private static long Now() => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;

    private TimeSpan NextDelay(TimeSpan longest)
    {
        TimeSpan doubled = s_firstDelay * Math.Pow(2, Math.Min(_failures++, 10));
        return Jittered(doubled < longest ? doubled : longest);
    }

    private void TellRefusal()
    {
        if (_failures >= RefusalsUntilTold && !_refusalTold)
        {
            _refusalTold = true;
            logger.PodsRefused();
        }
    }

    // The next watch follows at once, and what is known stays.
    private bool Renews()
    {
        _endedAt ??= Now();
        return _renewals++ < MaxRenewals;
    }

    private async Task<bool> ListAsync(CancellationToken cancellationToken)
    {
        if (_resourceVersion is not null)
        {
            return false;
        }
        PodList list = await client.ListAsync(cancellationToken).ConfigureAwait(false);
        pods.Replace((list.Items ?? []).Select(NodePod.From), Now());
        _resourceVersion = list.Metadata.ResourceVersion;
        (_failures, _refusalTold) = (0, false);
        logger.PodsKnown(pods.Count);
        return true;
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(_trusted ? s_longestRenewal : s_longestSilence);
        bool listed = await ListAsync(silence.Token).ConfigureAwait(false);
        TimeSpan duration = ShortestWatch * (1 + Random.Shared.NextDouble());
        using HttpResponseMessage watch = await client
            .WatchAsync(_resourceVersion!, duration, silence.Token)
            .ConfigureAwait(false);
        silence.CancelAfter(s_longestSilence);
        if (!_trusted)
        {
            pods.Trust(Now() + (listed ? 0 : (long)s_catchUp.TotalNanoseconds));
        }
        (_trusted, _endedAt) = (true, null);
        long began = Stopwatch.GetTimestamp();
        await foreach (PodChange change in PodClient.ReadAsync(watch, silence.Token).ConfigureAwait(false))
        {
            silence.CancelAfter(s_longestSilence);
            PodDocument pod =
                change.Object.Deserialize(PodJson.Default.PodDocument)
                ?? throw new JsonException("A change of nothing.");
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
        if (Stopwatch.GetElapsedTime(began) > s_longestRenewal)
        {
            _renewals = 0;
        }
    }
}
