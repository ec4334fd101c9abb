using System.Collections.Concurrent;
using System.Threading.Channels;
using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Jurors;
using Ocx.Auditor.Options;
using Ocx.Kube;
using Ocx.Ledger;

namespace Ocx.Auditor.Cluster;

/// <summary>
/// Keeps the audits that judge in step with the McpAudits of all namespaces. A spec that cannot be used takes no place:
/// the last usable one of the same McpAudit goes on judging, as a tap goes on with its last usable spec. Audits are
/// offered calls in the order of their namespaces and names.
/// </summary>
/// <param name="informer">The McpAudits.</param>
/// <param name="kubernetes">For their jurors' secrets.</param>
/// <param name="audits">What is kept in step.</param>
/// <param name="ledger">Keeps what the audits want kept.</param>
/// <param name="options">Has the auditor's account.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class AuditSource(
    Informer<V1Alpha1McpAudit> informer,
    Kubernetes kubernetes,
    AuditSet audits,
    ILedger ledger,
    ClusterOptions options,
    TimeProvider time,
    ILogger<AuditSource> log
) : BackgroundService
{
    private static readonly TimeSpan s_secrets = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, KeptAudit> _kept = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<AuditReference> _gone = new();
    private readonly ConcurrentDictionary<string, byte> _changed = new(StringComparer.Ordinal);
    private readonly Channel<byte> _some = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when all audits that there were at the start judge, if they can.</summary>
    public Task Ready => _ready.Task;

    /// <summary>All McpAudits.</summary>
    public IEnumerable<KeptAudit> All => _kept.Values;

    /// <summary>An audit that was seen to go since this was asked before; null when there is none.</summary>
    public AuditReference? NextGone() => _gone.TryDequeue(out AuditReference gone) ? gone : null;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        informer.Changed += OnChanged;
        try
        {
            await informer.Synced.WaitAsync(stoppingToken);
            foreach (V1Alpha1McpAudit audit in informer.All)
            {
                OnChanged(audit);
            }

            await TakeAllAsync(stoppingToken);
            _ready.TrySetResult();
            await Task.WhenAll(FollowAsync(stoppingToken), KeepSecretsAsync(stoppingToken));
        }
        finally
        {
            informer.Changed -= OnChanged;
        }
    }

    private void OnChanged(V1Alpha1McpAudit audit)
    {
        _changed[informer.KeyOf(audit)] = 0;
        _some.Writer.TryWrite(0);
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        while (await _some.Reader.WaitToReadAsync(cancellation))
        {
            _some.Reader.TryRead(out _);
            await TakeAllAsync(cancellation);
        }
    }

    private async Task KeepSecretsAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(s_secrets, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            foreach (KeptAudit kept in All.Where(kept => !kept.Secrets.IsEmpty))
            {
                await kept.Secrets.RefreshAsync(cancellation);
            }
        }
    }

    private async Task TakeAllAsync(CancellationToken cancellation)
    {
        foreach (string key in _changed.Keys)
        {
            _changed.TryRemove(key, out _);
            await TakeAsync(key, cancellation);
        }

        ActiveAudit[] active =
        [
            .. _kept
                .Values.Select(kept => kept.Active)
                .OfType<ActiveAudit>()
                .OrderBy(audit => audit.Reference.Namespace, StringComparer.Ordinal)
                .ThenBy(audit => audit.Reference.Name, StringComparer.Ordinal),
        ];
        if (active.SequenceEqual(audits.Current))
        {
            return; // statuses alone have changed
        }

        audits.Replace(active);
        ledger.Retain(LedgerRetention.Widest(active.Select(audit => audit.Retention)));
    }

    private async Task TakeAsync(string key, CancellationToken cancellation)
    {
        _kept.TryGetValue(key, out KeptAudit? before);
        if (informer.Find(key) is not { } audit)
        {
            // One that cannot be read at all is not one that is gone.
            if (!informer.Exists(key) && _kept.TryRemove(key, out KeptAudit? gone))
            {
                log.AuditGone(key);
                _gone.Enqueue(new AuditReference(gone.Object.Namespace(), gone.Object.Name(), 0));
            }

            return;
        }

        // One that was deleted and made again has nothing of the one before.
        before = before?.Object.Uid() == audit.Uid() ? before : null;
        if (before?.Object.Metadata.Generation == audit.Metadata.Generation && before?.Object.Problem == audit.Problem)
        {
            _kept[key] = before! with { Object = audit }; // its status alone has changed
            return;
        }

        KeptAudit kept = await BuildAsync(audit, before, cancellation);
        _kept[key] = kept;
        if (kept.Problems.Count == 0)
        {
            log.AuditTaken(key, audit.Metadata.Generation ?? 0);
        }
        else
        {
            log.AuditRefused(key, audit.Metadata.Generation ?? 0, AuditConditions.Text(kept.Problems));
        }
    }

    private async Task<KeptAudit> BuildAsync(V1Alpha1McpAudit audit, KeptAudit? before, CancellationToken cancellation)
    {
        var secrets = new ClusterSecrets(
            kubernetes,
            audit.Namespace(),
            [.. (audit.Spec?.Jury?.Jurors ?? []).SelectMany(RemoteJurors.SecretsOf).Distinct()],
            options.Account
        );
        var builder = new AuditBuilder(time, new RemoteJurors(secrets).Create, standsAlone: false);
        try
        {
            if (builder.Build(audit) is { } active)
            {
                // Its first call finds them.
                await secrets.RefreshAsync(cancellation);
                return new KeptAudit(audit, active, secrets, [], builder.Warnings);
            }

            return Refused(builder.Problems);
        }
#pragma warning disable CA1031 // Whatever somebody wrote into a spec, it is that audit's problem alone.
        catch (Exception wrong) when (wrong is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return Refused([wrong.Shown()]);
        }

        KeptAudit Refused(IReadOnlyList<string> problems) =>
            new(audit, before?.Active, before?.Secrets ?? secrets, problems, []);
    }
}
