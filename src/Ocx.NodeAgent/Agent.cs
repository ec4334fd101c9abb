using System.Net;
using Microsoft.Extensions.Logging;
using Ocx.Bpf;
using Ocx.Mcp.Pairing;
using Ocx.NodeAgent.Attribution;
using Ocx.NodeAgent.Auditing;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Findings;
using Ocx.NodeAgent.Options;
using Ocx.NodeAgent.Output;
using Ocx.NodeAgent.Reporting;
using Ocx.NodeAgent.Telemetry;
using Ocx.NodeProgram;
using Ocx.Text;

namespace Ocx.NodeAgent;

/// <summary>Puts the parts together: tap, capture loop, sink, counts, report. Runs until it is told to stop.</summary>
internal sealed class Agent(AgentOptions options, ILoggerFactory loggers, Stream output)
{
    // Of the 5 s that a stop may take, the output gets most: it may be a pipe with a slow reader.
    private static readonly TimeSpan s_flushTimeout = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_lastCalls = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_retryLoading = TimeSpan.FromSeconds(15);

    private readonly ILogger _logger = loggers.CreateLogger<Agent>();

    /// <summary>Taps until the token is cancelled or <see cref="AgentOptions.Duration"/> is over.</summary>
    /// <returns>The exit code: 0, or 1 when the output was closed under way.</returns>
    /// <exception cref="StartupException">The machine does not allow what was asked for.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        LibBpfLog.RouteTo(loggers.CreateLogger("libbpf"));

        var calls = new CallTally();
        FindingLog? findings = options.Findings ? new FindingLog(loggers.CreateLogger<FindingLog>()) : null;
        CallFollower? follower = null;
        var status = new AgentStatus(calls, findings, () => Unread.Of(follower?.Stats ?? default));
        var names = new InterfaceNames();
        using var owners = new SocketOwners();
        await using PodSession? pods =
            options.PodsOfNode is { } node && options.FollowsCalls ? PodSession.Start(node, loggers) : null;
        using ConnectionOwners? processes = OpenProcesses();
        var attribution = new CallAttribution(options.PodsOfNode ?? string.Empty, pods?.Pods, processes);
        var metrics = new CallMetrics();
        var clock = new MonotonicClock();
        CallOutput? lines = CreateCallOutput();
        using OtlpExport? otlp = options.OtlpEndpoint is null
            ? null
            : new OtlpExport(options.OtlpEndpoint, options.Report?.Node ?? string.Empty);
        CallKeys? keys = options.Auditor is null ? null : new CallKeys();
        await using AuditFeed? audit =
            options.Auditor is null || keys is null
                ? null
                : new AuditFeed(
                    options.Auditor,
                    options.Payload,
                    NodeName,
                    keys,
                    attribution,
                    loggers.CreateLogger<AuditFeed>()
                );
        follower = options.FollowsCalls
            ? Follow(clock, attribution, keys, [calls, audit, metrics, otlp, lines, findings])
            : null;
        var pipeline = new Pipeline(follower, CreatePrinter(names, owners, new MonotonicClock()), lines);
        await using HttpEndpoint? http = await StartHttpAsync(
                status,
                new AgentMetrics(
                    status,
                    () => pipeline.Shed,
                    metrics,
                    () => follower?.Stats ?? default,
                    findings,
                    otlp,
                    audit
                )
            )
            .ConfigureAwait(false);
        await using ReportSession? report = options.Report is null
            ? null
            : ReportSession.Start(options.Report, status.Snapshot, loggers);

        using Tap? tap = await LoadTapAsync(status, cancellation).ConfigureAwait(false);
        if (tap is null)
        {
            return 0;
        }
        try
        {
            var stats = new StatsReporter(
                tap,
                () => pipeline.Shed,
                follower is null ? null : () => follower.Stats,
                otlp,
                audit,
                options,
                _logger
            );
            return await CaptureAsync(tap, stats, status, names, pipeline, otlp, audit, report, cancellation)
                .ConfigureAwait(false);
        }
        finally
        {
            status.Ended();
        }
    }

    private async Task<int> CaptureAsync(
        Tap tap,
        StatsReporter stats,
        AgentStatus status,
        InterfaceNames names,
        Pipeline pipeline,
        OtlpExport? otlp,
        AuditFeed? audit,
        ReportSession? report,
        CancellationToken cancellation
    )
    {
        using var loop = new CaptureLoop(tap, pipeline.Sink);
        using var interfaces = new TappedInterfaces(options, tap.Program, _logger);
        using var watch = new InterfaceWatch(interfaces, names);

        Attach(interfaces);
        status.Loaded(tap.ReadCounters, () => interfaces.Problem, tap.RingGauge);
        LogSettings();
        loop.Start();
        watch.Start();

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var abandonOutput = new CancellationTokenSource();
        pipeline.Start(abandonOutput.Token);
        Task logging = stats.RunAsync(stop.Token);

        await UntilStopAsync([loop.Finished, watch.Finished, .. pipeline.Running], cancellation).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);

        await watch.StopAsync().ConfigureAwait(false);
        interfaces.Dispose();
        await loop.DrainAsync().ConfigureAwait(false);

        // The filter's counts are final. Those of calls are when the follower has had the last segments, which no
        // output holds up; then the last report, the export and the rest of the output share what is left of the time.
        pipeline.Complete();
        await Task.WhenAny(pipeline.Following, Task.Delay(s_lastCalls, CancellationToken.None)).ConfigureAwait(false);
        Task exporting = otlp?.FlushAsync() ?? Task.CompletedTask;
        Task auditing = audit?.FlushAsync() ?? Task.CompletedTask;
        Task reporting = report?.StopAsync() ?? Task.CompletedTask;
        bool printed = await FlushAsync(pipeline.Output, abandonOutput).ConfigureAwait(false);
        await exporting.ConfigureAwait(false);
        await auditing.ConfigureAwait(false);
        await logging.ConfigureAwait(false);
        stats.Report();
        await reporting.ConfigureAwait(false);
        if (pipeline.Following.IsFaulted)
        {
            await pipeline.Following.ConfigureAwait(false);
        }
        return printed ? 0 : 1;
    }

    private async Task<HttpEndpoint?> StartHttpAsync(AgentStatus status, AgentMetrics metrics)
    {
        if (options.HttpPort == 0)
        {
            return null;
        }
        var address = new IPEndPoint(options.HttpAddress, options.HttpPort);
        HttpEndpoint http = await HttpEndpoint
            .StartAsync(address, () => status.NotReady, metrics.Render)
            .ConfigureAwait(false);
        _logger.Serving(address);
        return http;
    }

    // On a node that cannot be tapped, an agent that ends is restarted in vain and tells nobody why. One that reports
    // stays and goes on trying; one that a person started ends with the message.
    private async Task<Tap?> LoadTapAsync(AgentStatus status, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                Preconditions.Check();
                return LoadTap();
            }
            catch (StartupException cannot) when (options.Report is not null)
            {
                status.Failed(cannot.Message);
                _logger.CannotTapYet(s_retryLoading.TotalSeconds, cannot.Message);
                await Task.Delay(s_retryLoading, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        return null;
    }

    private void Attach(TappedInterfaces interfaces)
    {
        if (options.Report is null)
        {
            interfaces.AttachAll();
        }
        else
        {
            interfaces.Reconcile();
        }
    }

    private void LogSettings()
    {
        string interfaces = string.Join(',', options.Interfaces),
            ports = string.Join(',', options.Ports);
        string ringSize = ByteSize.Format(options.RingSize);
        _logger.Tapping(interfaces, ports, ringSize, options.CopiedLength);
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
                foreach (string line in rejected.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    _logger.VerifierSaid(line);
                }
            }
            throw new StartupException($"cannot load the socket filter: {refused.Message}", refused);
        }
    }

    private SegmentPrinter? CreatePrinter(InterfaceNames names, SocketOwners owners, MonotonicClock clock) =>
        options.Events switch
        {
            EventFormat.Json => new SegmentPrinter(
                new JsonSegmentFormatter(names, owners, clock, options.Payload),
                output
            ),
            EventFormat.Text => new SegmentPrinter(
                new TextSegmentFormatter(names, owners, clock, options.Payload),
                output
            ),
            _ => null,
        };

    private ConnectionOwners? OpenProcesses()
    {
        if (!options.NamesProcesses || !options.FollowsCalls)
        {
            return null;
        }
        if (SocketProof.Obstacle() is { } obstacle)
        {
            _logger.ProcessesNotNamed(obstacle);
            return null;
        }
        return new ConnectionOwners();
    }

    private string NodeName => options.Report?.Node ?? options.PodsOfNode ?? Environment.MachineName;

    private CallOutput? CreateCallOutput() =>
        options.Events switch
        {
            EventFormat.Calls => new CallOutput(CallLine.WriteJson, output),
            EventFormat.Lines => new CallOutput(CallLine.WriteForPeople, output),
            _ => null,
        };

    private CallFollower Follow(
        MonotonicClock clock,
        CallAttribution attribution,
        CallKeys? keys,
        IEnumerable<ICallObserver?> observers
    )
    {
        var mcp = new McpOptions
        {
            Payload = options.Payload,
            Redaction = options.Redaction,
            MaxMemoryBytes = options.McpMemory,
            HashTools = options.Findings,
            CallKeys = keys,
            AuditedMethods = options.Auditor?.Methods ?? [],
            MaxAuditedBytes = options.Auditor?.MaxArguments ?? 0,
        };
        return new CallFollower(clock, mcp, attribution, observers.OfType<ICallObserver>());
    }

    // A part that ends by itself before the stop has failed; its exception surfaces when the caller awaits it.
    private async Task UntilStopAsync(IEnumerable<Task> parts, CancellationToken cancellation)
    {
        var duration = options.Duration ?? Timeout.InfiniteTimeSpan;
        Task ended = await Task.WhenAny([.. parts, Task.Delay(duration, cancellation)]).ConfigureAwait(false);
        _logger.Stopping(
            ended switch
            {
                _ when cancellation.IsCancellationRequested => "asked to",
                { IsFaulted: true } => "a part of the agent failed",
                _ => "the duration is over",
            }
        );
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
