using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Wire;
using Ocx.NodeAgent.Options;
using Ocx.Text;

namespace Ocx.NodeAgent.Auditing;

/// <summary>
/// One stream to the auditor, which is opened again, ever more slowly, when it breaks. What it has not acknowledged by
/// then is sent again.
/// </summary>
internal sealed class AuditorLink(AuditorOptions auditor, Hello hello, AuditQueue queue, ILogger logger)
{
    private const int LongestReason = 256;
    private const string NotSent = "it acknowledged what was not sent";

    private static readonly TimeSpan s_shortestDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_greeting = TimeSpan.FromSeconds(10);

    // For the status, after a write failed because of it.
    private static readonly TimeSpan s_status = TimeSpan.FromSeconds(1);

    private static readonly WriteOptions s_more = new(WriteFlags.BufferHint);

    private volatile bool _isUp;
    private TimeSpan _delay = s_shortestDelay;

    /// <summary>Is there an auditor at the other end? Safe from any thread.</summary>
    public bool IsUp => _isUp;

    /// <summary>Sends what is in the queue until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            string reason = await TalkAsync(cancellation).ConfigureAwait(false);
            _isUp = false;
            if (cancellation.IsCancellationRequested)
            {
                return;
            }

            TimeSpan delay = _delay;
            _delay = delay * 2 < s_longestDelay ? delay * 2 : s_longestDelay;
            // Agents of many nodes do not come at once.
            delay = TimeSpan.FromMilliseconds(delay.TotalMilliseconds * Random.Shared.Next(50, 100) / 100);
            logger.AuditorAway(auditor.Address, delay, reason);
            await Task.Delay(delay, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Until the stream is over; says why.
    private async Task<string> TalkAsync(CancellationToken cancellation)
    {
        try
        {
            using GrpcChannel channel = AuditorAddress.Open(auditor);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            using AsyncDuplexStreamingCall<AgentMessage, AuditorMessage> call = new Auditor.AuditorClient(
                channel
            ).Report(AuditorAddress.Headers(auditor), cancellationToken: ended.Token);
            await GreetAsync(call, ended.Token).WaitAsync(s_greeting, cancellation).ConfigureAwait(false);
            _isUp = true;
            logger.AuditorReached(auditor.Address);
            queue.Rewind();
            await ExchangeAsync(call, ended).ConfigureAwait(false);
            return "it ended the stream";
        }
        catch (RpcException failed)
        {
            string why = failed.Status.DebugException?.GetBaseException().Message ?? failed.Status.Detail;
            string reason = WireText.Escape($"{failed.StatusCode}: {why}", LongestReason);
            if (failed.StatusCode == StatusCode.InvalidArgument && _isUp && queue.Refuse())
            {
                logger.MessageRefused(reason);
            }

            return reason;
        }
        catch (TimeoutException)
        {
            return $"it says nothing for {s_greeting.TotalSeconds:0} s";
        }
        catch (Exception failed) // whatever it is, the next try may do
        {
            return WireText.Escape(failed.Message, LongestReason);
        }
    }

    private async Task GreetAsync(
        AsyncDuplexStreamingCall<AgentMessage, AuditorMessage> call,
        CancellationToken cancellation
    )
    {
        await call.RequestStream.WriteAsync(new AgentMessage { Hello = hello }, cancellation).ConfigureAwait(false);
        if (!await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
        {
            throw new IOException("it ended the stream before it said anything");
        }

        if (call.ResponseStream.Current.Acknowledgement is not { Through: 0 })
        {
            throw new IOException(NotSent);
        }
    }

    private async Task ExchangeAsync(
        AsyncDuplexStreamingCall<AgentMessage, AuditorMessage> call,
        CancellationTokenSource ended
    )
    {
        Task reading = ReadAsync(call.ResponseStream, ended.Token),
            writing = WriteAsync(call.RequestStream, ended.Token);
        if (await Task.WhenAny(reading, writing).ConfigureAwait(false) == writing)
        {
            await Task.WhenAny(reading, Task.Delay(s_status, ended.Token)).ConfigureAwait(false);
        }

        await ended.CancelAsync().ConfigureAwait(false);
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await reading.ConfigureAwait(false);
    }

    private async Task WriteAsync(IClientStreamWriter<AgentMessage> to, CancellationToken cancellation)
    {
        while (true)
        {
            while (queue.Next(out bool isLast) is { } message)
            {
                // Those that wait together go together.
                to.WriteOptions = isLast ? null : s_more;
                await to.WriteAsync(message, cancellation).ConfigureAwait(false);
            }

            await queue.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<AuditorMessage> from, CancellationToken cancellation)
    {
        while (await from.MoveNext(cancellation).ConfigureAwait(false))
        {
            if (from.Current.Acknowledgement is not { } taken)
            {
                continue; // of a later version
            }

            if (!queue.Acknowledge(taken.Through))
            {
                throw new IOException(NotSent);
            }

            _delay = taken.Through > 0 ? s_shortestDelay : _delay;
        }
    }
}
