using k8s.Models;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Deciding;
using Ocx.Kube;
using Ocx.Ledger;

namespace Ocx.Auditor.Cluster;

/// <summary>
/// Writes the statuses of McpAudits that changed, at most once in five seconds each. The counts are the ledger's, so
/// they survive restarts and are the same for all replicas.
/// </summary>
/// <param name="source">The audits.</param>
/// <param name="client">The API server.</param>
/// <param name="ledger">Has the counts.</param>
/// <param name="enforcement">Sees whether calls are held.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class StatusReporter(
    AuditSource source,
    ResourceClient<AuditStatus> client,
    ILedger ledger,
    Enforcement enforcement,
    TimeProvider time,
    ILogger<StatusReporter> log
) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, StatusAttempt> _attempts = new(StringComparer.Ordinal);
    private readonly HashSet<(string Namespace, string Name)> _gone = [];
    private string? _unreadable;
    private bool _hasLooked;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await source.Ready.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(s_interval, time);
        do
        {
            await ReportAsync(stoppingToken);
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ReportAsync(CancellationToken cancellation)
    {
        if (await TotalsAsync(cancellation) is not { } totals)
        {
            return;
        }

        KeptAudit[] audits = [.. source.All];
        foreach (KeptAudit kept in audits)
        {
            totals.Remove((kept.Object.Namespace(), kept.Object.Name()), out AuditTotals? counts);
            await ReportAsync(kept, AuditStatus.Of(kept, counts, enforcement.Of(kept.Active), Now), cancellation);
        }

        // What is not in the first list has gone before; later, what is not known here may be new to a slow watch.
        if (!_hasLooked)
        {
            _hasLooked = true;
            _gone.UnionWith(totals.Keys.Where(audit => audit.Namespace.Length > 0));
        }

        while (source.NextGone() is { } gone)
        {
            _gone.Add((gone.Namespace, gone.Name));
        }

        _gone.ExceptWith(audits.Select(kept => (kept.Object.Namespace(), kept.Object.Name())));
        await ForgetGoneAsync(cancellation);
        foreach (string gone in _attempts.Keys.Except(audits.Select(kept => kept.Object.Uid())).ToList())
        {
            _attempts.Remove(gone);
        }
    }

    private DateTime Now =>
        new(time.GetUtcNow().Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc);

    private async Task<Dictionary<(string Namespace, string Name), AuditTotals>?> TotalsAsync(
        CancellationToken cancellation
    )
    {
        try
        {
            var totals = (await ledger.Reader.TotalsAsync(cancellation)).ToDictionary(one => (one.Namespace, one.Name));
            _unreadable = null;
            return totals;
        }
        catch (LedgerException wrong)
        {
            if (_unreadable != wrong.Message)
            {
                _unreadable = wrong.Message;
                log.CountsUnreadable(wrong.Shown());
            }

            return null;
        }
    }

    // A later audit of the name begins at zero. What the ledger does not take now is tried again.
    private async Task ForgetGoneAsync(CancellationToken cancellation)
    {
        foreach ((string Namespace, string Name) gone in _gone.ToList())
        {
            try
            {
                await ledger.ForgetTotalsAsync(new AuditReference(gone.Namespace, gone.Name, 0), cancellation);
                _gone.Remove(gone);
            }
            catch (LedgerException wrong)
            {
                log.CountsUnreadable(wrong.Shown());
            }
        }
    }

    private async Task ReportAsync(KeptAudit kept, AuditStatus wanted, CancellationToken cancellation)
    {
        string uid = kept.Object.Uid(),
            text = AuditStatus.Text(wanted.Status);
        if (text == AuditStatus.Text(kept.Object.Status))
        {
            _attempts.Remove(uid);
            return;
        }

        if (_attempts.TryGetValue(uid, out StatusAttempt? last) && last.StillHolds(text, time))
        {
            return;
        }

        try
        {
            await client.ApplyStatusAsync(wanted, cancellation);
            _attempts[uid] = new(text, time.GetTimestamp(), null);
        }
        catch (ApiException refused) when (refused.IsRefusal)
        {
            if (last?.Refusal != refused.Message)
            {
                log.StatusRefused($"{kept.Object.Namespace()}/{kept.Object.Name()}", refused.Message);
            }

            _attempts[uid] = new(text, time.GetTimestamp(), refused.Message);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            // The API server is away, and the watches say so; the next round writes.
        }
    }
}
