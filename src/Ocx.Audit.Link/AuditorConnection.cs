using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Wire;
using Ocx.Text;

namespace Ocx.Audit.Link;

/// <summary>One stream to the auditor, which is opened again, ever more slowly, when it breaks.</summary>
/// <typeparam name="TSent">What is sent to the auditor.</typeparam>
/// <typeparam name="TGot">What comes from it.</typeparam>
/// <param name="auditor">Where it is.</param>
/// <param name="largestMessage">The largest message that is taken from it, in bytes.</param>
/// <param name="logger">Is told when it goes.</param>
public abstract class AuditorConnection<TSent, TGot>(AuditorEndpoint auditor, int largestMessage, ILogger logger)
{
    private const int LongestReason = 256;

    private static readonly TimeSpan s_shortestDelay = TimeSpan.FromMilliseconds(250);

    // Between two lines of the log that say the same.
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_greeting = TimeSpan.FromSeconds(10);

    // A stream that is asked for the token again sooner than this is one that broke.
    private static readonly TimeSpan s_shortestStream = TimeSpan.FromSeconds(1);

    // For the status, after a write failed because of it.
    private static readonly TimeSpan s_status = TimeSpan.FromSeconds(1);

    private volatile bool _isUp;
    private TimeSpan _delay = s_shortestDelay;
    private long _told;

    /// <summary>Is there an auditor at the other end? Safe from any thread.</summary>
    public bool IsUp => _isUp;

    /// <summary>Where the auditor is.</summary>
    protected AuditorEndpoint Auditor { get; } = auditor;

    /// <summary>The log.</summary>
    protected ILogger Logger { get; } = logger;

    /// <summary>Keeps a stream open until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            long began = Stopwatch.GetTimestamp();
            string reason = await TalkAsync(cancellation).ConfigureAwait(false);
            bool wasUp = _isUp;
            _isUp = false;
            if (wasUp)
            {
                OnDown();
            }

            if (cancellation.IsCancellationRequested)
            {
                return;
            }

            if (reason == AuditStreams.AuthenticateAgain && wasUp && Stopwatch.GetElapsedTime(began) > s_shortestStream)
            {
                continue;
            }

            TimeSpan delay = _delay;
            _delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
            bool isNew = delay < _delay || Stopwatch.GetElapsedTime(_told) > s_quiet;
            // Those of many nodes do not come at once.
            delay = TimeSpan.FromMilliseconds(delay.TotalMilliseconds * Random.Shared.Next(50, 100) / 100);
            if (isNew)
            {
                _told = Stopwatch.GetTimestamp();
                Logger.AuditorAway(Auditor.Address, delay, reason);
            }

            await Task.Delay(delay, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The longest time until the auditor is tried again.</summary>
    protected virtual TimeSpan LongestDelay => TimeSpan.FromSeconds(15);

    /// <summary>Opens the stream.</summary>
    protected abstract AsyncDuplexStreamingCall<TSent, TGot> Open(
        Wire.Auditor.AuditorClient client,
        Metadata headers,
        CancellationToken cancellation
    );

    /// <summary>Says who speaks.</summary>
    protected abstract TSent Greeting { get; }

    /// <summary>Takes the first message of the auditor, which answers the greeting.</summary>
    /// <exception cref="IOException">It is none.</exception>
    protected abstract void OnGreeted(TGot answer);

    /// <summary>The auditor is there: what it does not know yet is to be sent.</summary>
    protected abstract void OnUp();

    /// <summary>The auditor, which was there, is gone.</summary>
    protected abstract void OnDown();

    /// <summary>Sends until it is cancelled.</summary>
    protected abstract Task WriteAsync(IClientStreamWriter<TSent> stream, CancellationToken cancellation);

    /// <summary>Takes a message of the auditor.</summary>
    /// <exception cref="IOException">It makes no sense; the stream is given up.</exception>
    protected abstract void OnMessage(TGot message);

    /// <summary>The auditor did not take a message, and ended the stream for it.</summary>
    /// <param name="reason">What it said, fit to be logged.</param>
    protected abstract void OnRefused(string reason);

    /// <summary>The stream has brought something: if it breaks, the next one may come soon.</summary>
    protected void Worked() => _delay = s_shortestDelay;

    // Until the stream is over; says why. AuthenticateAgain alone is no failure.
    private async Task<string> TalkAsync(CancellationToken cancellation)
    {
        try
        {
            using GrpcChannel channel = AuditorAddress.Open(Auditor, largestMessage);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            using AsyncDuplexStreamingCall<TSent, TGot> call = Open(
                new Wire.Auditor.AuditorClient(channel),
                AuditorAddress.Headers(Auditor),
                ended.Token
            );
            await GreetAsync(call, ended.Token).WaitAsync(s_greeting, cancellation).ConfigureAwait(false);
            _isUp = true;
            OnUp();
            await ExchangeAsync(call, ended).ConfigureAwait(false);
            return "it ended the stream";
        }
        catch (RpcException failed)
            when (failed is { StatusCode: StatusCode.Unavailable, Status.Detail: AuditStreams.AuthenticateAgain })
        {
            return AuditStreams.AuthenticateAgain;
        }
        catch (RpcException failed)
        {
            string why = failed.Status.DebugException?.GetBaseException().Message ?? failed.Status.Detail;
            string reason = WireText.Escape($"{failed.StatusCode}: {why}", LongestReason);
            if (failed.StatusCode == StatusCode.InvalidArgument && _isUp)
            {
                OnRefused(reason);
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

    private async Task GreetAsync(AsyncDuplexStreamingCall<TSent, TGot> call, CancellationToken cancellation)
    {
        await call.RequestStream.WriteAsync(Greeting, cancellation).ConfigureAwait(false);
        if (!await call.ResponseStream.MoveNext(cancellation).ConfigureAwait(false))
        {
            throw new IOException("it ended the stream before it said anything");
        }

        OnGreeted(call.ResponseStream.Current);
    }

    private async Task ExchangeAsync(AsyncDuplexStreamingCall<TSent, TGot> call, CancellationTokenSource ended)
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

    private async Task ReadAsync(IAsyncStreamReader<TGot> from, CancellationToken cancellation)
    {
        while (await from.MoveNext(cancellation).ConfigureAwait(false))
        {
            OnMessage(from.Current);
        }
    }
}
