using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Link;
using Ocx.Audit.Wire;
using Ocx.Gate.Asking;
using Ocx.Gate.Counts;
using Ocx.Gate.Options;
using Ocx.Gate.Rules;
using Ocx.Mcp.Pairing;
using Ocx.Netfilter;
using Ocx.NodeProgram;

namespace Ocx.Gate;

/// <summary>Puts the parts together: workers, mailbox, link, metrics. Runs until it is told to stop.</summary>
/// <param name="options">The settings.</param>
/// <param name="loggers">The log.</param>
/// <param name="consumer">Makes what decides on a queue's packets; calls are named by the keys.</param>
internal sealed class GateHost(GateOptions options, ILoggerFactory loggers, Func<CallKeys, MakeConsumer> consumer)
{
    // Of the 5 s that a stop may take: for what the auditor is told at last.
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_counts = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_faults = TimeSpan.FromMinutes(1); // between two lines about them
    private static readonly TimeSpan s_retryRules = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<GateHost>();
    private readonly GateTotals _totals = new();
    private readonly CallKeys _keys = new();
    private volatile string? _notReady = "starting";

    /// <summary>Holds until the token is cancelled.</summary>
    /// <returns>The exit code: 0, or 1 when a worker failed.</returns>
    /// <exception cref="StartupException">The machine does not allow what was asked for.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        // In a cluster the auditor alone knows the servers.
        using var mailbox = new AuditorMailbox(
            options.IsCluster ? HoldRules.None : HoldRules.Unknown(options.Ports, options.FailurePolicy)
        );
        var link = new GateLink(options.Auditor, Hello(), mailbox, loggers.CreateLogger<GateLink>());
        using var changed = new SemaphoreSlim(1);
        using WorkerInbox news = mailbox.Join(() => Release(changed));
        using IHeldServers servers = Open(mailbox);
        await using HttpEndpoint? http = await StartHttpAsync(
                new GateMetrics(
                    _totals,
                    () => link.IsUp,
                    () => mailbox.Waiting,
                    () => servers.Lost,
                    () => servers.Unsent
                ),
                link
            )
            .ConfigureAwait(false);
        try
        {
            servers.Follow(mailbox.Rules);
        }
        catch (Exception refused) when (refused is RulesException or NetfilterException)
        {
            throw new StartupException($"cannot set the gate's rules: {refused.Message}", refused);
        }

        _notReady = null;
        if (options.IsCluster)
        {
            _logger.HoldingOnNode(options.NodeName);
        }
        else
        {
            _logger.Holding(string.Join(',', options.Ports), options.Namespace ?? "its own", options.FailurePolicy);
        }

        using var stop = new CancellationTokenSource();
        Task asking = Task.WhenAll(
            Task.Run(() => link.RunAsync(stop.Token), CancellationToken.None),
            CountAsync(mailbox, stop.Token)
        );
        bool isFailed = !await UntilStopAsync(servers, mailbox, changed, cancellation).ConfigureAwait(false);
        _notReady = "stopping";
        if (!isFailed)
        {
            // A gate that failed leaves the rules: what they say for no gate is what is wanted then.
            Stop(servers);
        }

        servers.Dispose();
        mailbox.Tell(_totals.ToMessage());
        await Task.WhenAny(mailbox.WhenSent(), Task.Delay(s_lastWords, CancellationToken.None)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await asking.ConfigureAwait(false);
        return isFailed ? 1 : 0;
    }

    private IHeldServers Open(AuditorMailbox mailbox)
    {
        try
        {
            if (options.IsCluster)
            {
                return new NodeServers(
                    new QueueRange(options.Queue, options.Queues),
                    mailbox,
                    _totals,
                    consumer(_keys),
                    loggers.CreateLogger<NodeServers>()
                );
            }

            return GatedServers.Open(
                NetworkNamespace.Open(options.Namespace),
                new QueueRange(options.Queue, options.Queues),
                options.Ports,
                isItsPod: null,
                passWhenFull: options.FailurePolicy == GateFailurePolicy.Open,
                mailbox,
                _totals,
                consumer(_keys)
            );
        }
        catch (NetfilterException refused)
        {
            throw new StartupException($"cannot hold packets: {refused.Message}", refused);
        }
    }

    // True when it was asked to stop; false when a worker ended by itself.
    private async Task<bool> UntilStopAsync(
        IHeldServers servers,
        AuditorMailbox mailbox,
        SemaphoreSlim changed,
        CancellationToken cancellation
    )
    {
        Task stopped = Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        Task retry = Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        Task change = changed.WaitAsync(cancellation);
        while (true)
        {
            Task first = await Task.WhenAny(servers.Ended, stopped, change, retry).ConfigureAwait(false);
            if (cancellation.IsCancellationRequested)
            {
                _logger.Stopping("asked to");
                return true;
            }

            if (servers.Ended.IsCompleted)
            {
                _logger.WorkerFailed(servers.Ended.Exception?.GetBaseException());
                return false;
            }

            change = first == change ? changed.WaitAsync(cancellation) : change;
            bool isSet = await Task.Run(() => TryFollow(servers, mailbox), CancellationToken.None)
                .ConfigureAwait(false);
            retry = Task.Delay(isSet ? servers.LookAgain : s_retryRules, cancellation);
        }
    }

    private bool TryFollow(IHeldServers servers, AuditorMailbox mailbox)
    {
        try
        {
            servers.Follow(mailbox.Rules);
            mailbox.Tell(servers.Pods);
            _notReady = servers.Problem;
            return true;
        }
        catch (Exception refused) when (refused is RulesException or NetfilterException)
        {
            _notReady = refused.Message;
            _logger.RulesNotSet(s_retryRules.TotalSeconds, refused.Message);
            return false;
        }
    }

    private void Stop(IHeldServers servers)
    {
        try
        {
            servers.Stop();
        }
        catch (Exception refused) when (refused is RulesException or NetfilterException)
        {
            _logger.RulesNotRemoved(refused.Message);
        }
    }

    private async Task CountAsync(AuditorMailbox mailbox, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(s_counts);
        long faults = 0,
            saidAt = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                mailbox.Tell(_totals.ToMessage());
                long more = _totals.Faults - faults;
                if (more > 0 && (saidAt == 0 || Stopwatch.GetElapsedTime(saidAt) > s_faults))
                {
                    _logger.PacketsFailed(more, _totals.LastFault);
                    (faults, saidAt) = (faults + more, Stopwatch.GetTimestamp());
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The gate stops.
        }
    }

    private async Task<HttpEndpoint?> StartHttpAsync(GateMetrics metrics, GateLink link)
    {
        if (options.HttpPort == 0)
        {
            return null;
        }

        var address = new IPEndPoint(options.HttpAddress, options.HttpPort);
        HttpEndpoint http = await HttpEndpoint
            .StartAsync(
                address,
                () => _notReady ?? (link.HasRules ? null : "no auditor has said yet what is held"),
                metrics.Render
            )
            .ConfigureAwait(false);
        _logger.Serving(address);
        return http;
    }

    private GateHello Hello() =>
        new()
        {
            Version = CallMessages.Text(ProgramVersion.Of(typeof(GateHost).Assembly), AuditBounds.Version),
            Node = CallMessages.Text(options.NodeName, AuditBounds.Node),
            Instance = _keys.Instance,
        };

    // It is set or not: more than one is not needed.
    private static void Release(SemaphoreSlim changed)
    {
        if (changed.CurrentCount == 0)
        {
            changed.Release();
        }
    }
}
