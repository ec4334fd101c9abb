using System.Numerics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Ocx.Api;
using Ocx.NodeAgent.Options;

namespace Ocx.NodeAgent.Reporting;

/// <summary>
/// Keeps the node's McpTapReport current. The tap never waits for it: while the API server is down the counts go on,
/// and the first report that gets through has all of them.
/// </summary>
/// <param name="client">The API server.</param>
/// <param name="options">Whose report it is.</param>
/// <param name="snapshot">What the agent does and has counted since it started.</param>
/// <param name="logger">The log.</param>
public sealed class ReportWriter(
    ReportClient client,
    ReportOptions options,
    Func<AgentSnapshot> snapshot,
    ILogger<ReportWriter> logger
)
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_longestStart = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestUntold = TimeSpan.FromMinutes(2);

    private TimeSpan _interval = options.Interval;
    private bool _told;
    private V1Alpha1McpTapReportStatus _earlier = new();
    private V1Alpha1McpTapReportStatus? _last;

    /// <summary>Reports until it is cancelled, then reports once more that the agent stopped.</summary>
    /// <param name="cancellationToken">The agent stops.</param>
    /// <returns>Ends with the last report.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!await TryUntilDoneAsync(() => ResumeAsync(cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        await SpreadAsync(cancellationToken).ConfigureAwait(false);
        while (
            await TryUntilDoneAsync(() => ApplyAsync(snapshot(), cancellationToken), cancellationToken)
                .ConfigureAwait(false)
        )
        {
            await WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        using var timeout = new CancellationTokenSource(s_farewell);
        try
        {
            await ApplyAsync(snapshot() with { Phase = NodePhase.Stopped, Message = null }, timeout.Token)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (IsTransient(exception))
        {
            logger.LastReportLost(exception.Message);
        }
    }

    // What an administrator waits for is told at once: another phase or message, the first capture and the first loss.
    private static bool IsUrgent(V1Alpha1McpTapReportStatus last, V1Alpha1McpTapReportStatus now) =>
        last.Phase != now.Phase
        || last.Message != now.Message
        || (last.Packets.Captured == 0 && now.Packets.Captured > 0)
        || (last.Packets.Dropped == 0 && now.Packets.Dropped > 0);

    // Calls are told a moment later than the packets that they are in.
    private static bool HasNews(V1Alpha1McpTapReportStatus last, V1Alpha1McpTapReportStatus now) =>
        last.Packets != now.Packets || last.Calls?.Total != now.Calls?.Total;

    private static bool IsTransient(Exception exception) =>
        exception
            is HttpRequestException
                or OperationCanceledException
                or JsonException
                or IOException
                or FormatException;

    private async Task ResumeAsync(CancellationToken cancellationToken)
    {
        if (await client.ReadAsync(cancellationToken).ConfigureAwait(false) is { } earlier)
        {
            Told(earlier.Interval);
            // What is added to it would be as wrong, for ever: the operator would ignore each report of this node.
            if (CountPlausibility.Problem(earlier.Status) is { } problem)
            {
                logger.EarlierReportIgnored(problem);
                return;
            }
            _earlier = earlier.Status;
        }
    }

    private void Told(TimeSpan? interval)
    {
        _told |= interval is not null;
        _interval = interval ?? _interval;
    }

    // Agents that start together, as after a power cut, spread their first report over what the operator added to the
    // interval for so many of them. Where it added nothing the first report goes as soon as there is something to tell.
    private async Task SpreadAsync(CancellationToken cancellationToken)
    {
        var spread =
            _interval > options.Interval ? (_interval - options.Interval) * Random.Shared.NextDouble() : TimeSpan.Zero;
        for (
            var waited = TimeSpan.Zero;
            waited < spread || (waited < s_longestStart && snapshot().Phase == NodePhase.Starting);
            waited += s_look
        )
        {
            await Task.Delay(s_look, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    // The operator names the interval soon after the first report. Until then a look takes the place of a write:
    // thousands of agents that start together would write every few seconds. Where no operator answers, a write in two
    // minutes is enough.
    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            Told((await client.ReadAsync(cancellationToken).ConfigureAwait(false))?.Interval);
        }
        catch (Exception exception) when (IsTransient(exception))
        {
            // The write that is due sometime meets the same, and tells it.
        }
    }

    private TimeSpan Jittered() => _interval * (0.9 + (Random.Shared.NextDouble() / 5));

    // Ten percent of jitter keeps agents that started together from writing together. A heartbeat alone is due half as
    // often: the operator misses it after three intervals.
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var interval = Jittered();
        for (
            var waited = TimeSpan.Zero;
            waited < 2 * interval || (!_told && waited < s_longestUntold);
            waited += s_look
        )
        {
            await Task.Delay(s_look, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            var now = Status(snapshot());
            if (IsUrgent(_last!, now) || (_told && waited + s_look >= interval && HasNews(_last!, now)))
            {
                return;
            }

            // After 2, 4, 8 … seconds.
            if (!_told && waited > TimeSpan.Zero && BitOperations.IsPow2((int)(waited + s_look).TotalSeconds))
            {
                await AskAsync(cancellationToken).ConfigureAwait(false);
                interval = Jittered();
            }
        }
    }

    private async Task ApplyAsync(AgentSnapshot taken, CancellationToken cancellationToken)
    {
        var status = Status(taken);
        Told(await client.ApplyAsync(status, cancellationToken).ConfigureAwait(false));
        _last = status;
    }

    private V1Alpha1McpTapReportStatus Status(AgentSnapshot taken)
    {
        var now = DateTime.UtcNow;
        now = new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
        var packets = _earlier.Packets + taken.Packets;
        var before = _last ?? _earlier;
        return new V1Alpha1McpTapReportStatus
        {
            Phase = taken.Phase,
            Message = taken.Message,
            Packets = packets,
            Bytes = _earlier.Bytes + taken.Bytes,
            // An earlier version wrote none.
            Calls = (_earlier.Calls ?? new()) + taken.Calls,
            RingBuffer = taken.RingBuffer,
            Findings = taken.Findings,
            LastReportTime = now,
            LastDropTime = packets.Dropped > before.Packets.Dropped ? now : before.LastDropTime,
        };
    }

    private async Task<bool> TryUntilDoneAsync(Func<Task> action, CancellationToken cancellationToken)
    {
        for (var failures = 0; !cancellationToken.IsCancellationRequested; failures++)
        {
            try
            {
                await action().ConfigureAwait(false);
                return true;
            }
            catch (Exception exception) when (IsTransient(exception) && !cancellationToken.IsCancellationRequested)
            {
                var doubled = s_firstDelay * Math.Pow(2, Math.Min(failures, 10));
                var delay =
                    (doubled < s_longestDelay ? doubled : s_longestDelay) * (0.5 + (Random.Shared.NextDouble() / 2));
                logger.ReportFailed(delay, exception.Message);
                await Task.Delay(delay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        return false;
    }
}
