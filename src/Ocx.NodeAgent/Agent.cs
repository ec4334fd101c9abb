using Microsoft.Extensions.Logging;
using Ocx.Bpf;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Options;
using Ocx.NodeAgent.Sinks;

namespace Ocx.NodeAgent;

/// <summary>Puts the parts together: tap, capture loop, sink, counts. Runs until it is told to stop.</summary>
internal sealed class Agent(AgentOptions options, ILoggerFactory loggers, Stream output)
{
    // Of the 5 s that a stop may take, the output gets most: it may be a pipe with a slow reader.
    private static readonly TimeSpan s_flushTimeout = TimeSpan.FromSeconds(3);

    private readonly ILogger _logger = loggers.CreateLogger<Agent>();

    /// <summary>Taps until the token is cancelled or <see cref="AgentOptions.Duration"/> is over.</summary>
    /// <returns>The exit code: 0, or 1 when the output was closed under way.</returns>
    /// <exception cref="StartupException">The machine does not allow what was asked for.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        Preconditions.Check();
        LibBpfLog.RouteTo(loggers.CreateLogger("libbpf"));

        var names = new InterfaceNames();
        using var owners = new SocketOwners();
        using Tap tap = LoadTap();
        StreamSink? printer = CreatePrinter(names, owners);
        using var loop = new CaptureLoop(tap.Events, printer ?? (ISegmentSink)new DiscardingSink());
        using var interfaces = new TappedInterfaces(options, tap.Program, _logger);
        using var watch = new InterfaceWatch(interfaces, names);
        var stats = new StatsReporter(tap, () => printer?.Shed ?? 0, options, _logger);

        interfaces.AttachAll();
        LogSettings();
        loop.Start();
        watch.Start();

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var abandonOutput = new CancellationTokenSource();
        Task printing = printer?.RunAsync(abandonOutput.Token) ?? Task.Delay(Timeout.Infinite, stop.Token);
        Task reporting = stats.RunAsync(stop.Token);

        await UntilStopAsync(loop.Finished, watch.Finished, printing, cancellation).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);

        await watch.StopAsync().ConfigureAwait(false);
        interfaces.Dispose();
        await loop.DrainAsync().ConfigureAwait(false);
        printer?.Complete();
        bool printed = printer is null || await FlushAsync(printing, abandonOutput).ConfigureAwait(false);
        await reporting.ConfigureAwait(false);
        stats.Report();
        return printed ? 0 : 1;
    }

    private void LogSettings()
    {
        string interfaces = string.Join(',', options.Interfaces), ports = string.Join(',', options.Ports);
        string ringSize = ByteSize.Format(options.RingSize);
        _logger.Tapping(interfaces, ports, ringSize, options.SnapLength);
    }

    private Tap LoadTap()
    {
        try
        {
            return Tap.Load(options);
        }
        catch (BpfException refused)
        {
            if (refused is VerifierException rejected)
            {
                _logger.VerifierLog(rejected.Log);
            }
            throw new StartupException($"cannot load the socket filter: {refused.Message}", refused);
        }
    }

    private StreamSink? CreatePrinter(InterfaceNames names, SocketOwners owners)
    {
        var clock = new MonotonicClock();
        return options.Events switch
        {
            EventFormat.Json => new StreamSink(new JsonSegmentFormatter(names, owners, clock), output),
            EventFormat.Calls => new StreamSink(new CallFormatter(clock), output),
            EventFormat.Text => new StreamSink(new TextSegmentFormatter(names, owners, clock), output),
            _ => null,
        };
    }

    // A part that ends by itself before the stop has failed; its exception surfaces when the caller awaits it.
    private async Task UntilStopAsync(Task capture, Task watch, Task printing, CancellationToken cancellation)
    {
        var duration = options.Duration ?? Timeout.InfiniteTimeSpan;
        Task ended = await Task.WhenAny(capture, watch, printing, Task.Delay(duration, cancellation)).ConfigureAwait(false);
        _logger.Stopping(ended switch
        {
            _ when cancellation.IsCancellationRequested => "asked to",
            { IsFaulted: true } => "a part of the agent failed",
            _ => "the duration is over",
        });
    }

    private async Task<bool> FlushAsync(Task printing, CancellationTokenSource abandonOutput)
    {
        try
        {
            await printing.WaitAsync(s_flushTimeout, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            await abandonOutput.CancelAsync().ConfigureAwait(false);
            _logger.OutputNotFlushed(s_flushTimeout.TotalSeconds);
        }
        catch (IOException)
        {
            _logger.OutputClosed();
        }
        return false;
    }
}
