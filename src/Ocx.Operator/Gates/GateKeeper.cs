using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Runtime;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Gates;

/// <summary>Keeps gates on the nodes while an audit is in mode Enforce, as long as this replica leads.</summary>
internal sealed class GateKeeper : BackgroundService
{
    // Something may have changed that no watch tells of, such as a refusal that is over.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    // Gates learn from the auditor that an audit has gone, and take their rules away themselves: meanwhile nothing that
    // waits for a verdict is broken off. An audit that is made anew meanwhile keeps its gates.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(20);

    private readonly Informer<V1Alpha1McpAudit> _audits;
    private readonly Informer<V1DaemonSet> _daemonSets;
    private readonly ResourceClient<V1DaemonSet> _client;
    private readonly AuditorEndpoint _auditor;
    private readonly GateRemoval _removal;
    private readonly Leadership _leadership;
    private readonly GateSettings _settings;
    private readonly OperatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<GateKeeper> _logger;
    private readonly SemaphoreSlim _news = new(0);
    private AppliedAnswer _applied;
    private long? _unwantedSince;

    public GateKeeper(
        Informer<V1Alpha1McpAudit> audits,
        Informer<V1DaemonSet> daemonSets,
        ResourceClient<V1DaemonSet> client,
        AuditorEndpoint auditor,
        GateRemoval removal,
        Leadership leadership,
        GateSettings settings,
        OperatorOptions options,
        TimeProvider time,
        ILogger<GateKeeper> logger
    )
    {
        (_audits, _daemonSets, _client, _auditor) = (audits, daemonSets, client, auditor);
        (_removal, _leadership, _settings, _options) = (removal, leadership, settings, options);
        (_time, _logger) = (time, logger);
        audits.Changed += _ => Tell();
        auditor.Changed += Tell;
        daemonSets.Changed += set =>
        {
            if (set.Name() == GateNames.Gate)
            {
                Tell();
            }
        };
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _news.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(_leadership.Acquired, _audits.Synced, _daemonSets.Synced, _auditor.Synced)
            .WaitAsync(stoppingToken);
        string? told = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await KeepAsync(stoppingToken);
                told = null;
            }
            catch (Exception exception)
                when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                // The same is not told again and again.
                if (told != exception.Shown())
                {
                    told = exception.Shown();
                    _logger.GatesNotKept(told);
                }

                await Task.Delay(s_interval, _time, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await _news.WaitAsync(s_interval, stoppingToken);
        }
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        var present = _daemonSets.Find(GateNames.Gate);
        if (IsWanted(present))
        {
            _unwantedSince = null;
            await ApplyAsync(present, cancellationToken);
            return;
        }

        if (present is null)
        {
            _unwantedSince = null;
            return;
        }

        _unwantedSince ??= _time.GetTimestamp();
        if (_time.GetElapsedTime(_unwantedSince.Value) >= s_grace)
        {
            await _removal.StepAsync(present, cancellationToken);
        }
    }

    // The auditor goes on with the last usable spec of an audit: so an audit that cannot be read, and may be one to
    // enforce, keeps gates that are there.
    private bool IsWanted(V1DaemonSet? present) =>
        _audits.All.Any(audit =>
            audit.Problem is null
                ? audit.Spec.Mode == AuditMode.Enforce
                : present is not null && GateDaemonSet.IsHolding(present)
        );

    private async Task ApplyAsync(V1DaemonSet? present, CancellationToken cancellationToken)
    {
        // Without an auditor there is nobody to ask.
        if (_auditor.Current is not { } auditor)
        {
            return;
        }

        var access = new AuditorAccess(auditor.Url, _options.AuditorTlsSecret);
        var wanted = Drift.Stamp(GateDaemonSet.Holding(_settings, _options.Namespace, access));
        if (Drift.Differs(present, wanted) && !_applied.IsStill(present, wanted))
        {
            _applied = AppliedAnswer.Of(wanted, await _client.ApplyAsync(wanted, cancellationToken));
            _logger.Applied(wanted.Kind, wanted.Name());
        }
    }

    // It is set or not: more than one is not needed.
    private void Tell()
    {
        if (_news.CurrentCount == 0)
        {
            _news.Release();
        }
    }
}
