using Ocx.Audit.Ledger;
using Ocx.Ledger;

namespace Ocx.Auditor.Deciding;

/// <summary>
/// Collects what gates tell of holds, and adds it to the ledger's totals every few seconds: what is told in between is
/// lost when the auditor is killed. For any thread.
/// </summary>
/// <param name="ledger">Has the totals.</param>
/// <param name="metrics">Counts the same for this process.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class HoldTally(ILedger ledger, AuditorMetrics metrics, TimeProvider time, ILogger<HoldTally> log)
    : BackgroundService
{
    // A ledger that takes nothing takes no records either, so that no calls are told of for long.
    private const int MostHolds = 65_536;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Dictionary<(string Namespace, string Name), News> _news = [];
    private bool _isTold;

    /// <summary>A hold has ended.</summary>
    public void Ended(AuditReference audit, TimeSpan held)
    {
        metrics.Held(audit, held);
        lock (_lock)
        {
            News news = Of(audit);
            if (news.Held.Count < MostHolds)
            {
                news.Held.Add(held);
            }
        }
    }

    /// <summary>Calls could not be held or decided.</summary>
    public void Failed(AuditReference audit, HoldFailure more)
    {
        metrics.HoldFailed(audit, more);
        lock (_lock)
        {
            Dictionary<string, HoldFailure> failures = Of(audit).Failures;
            HoldFailure before = failures.GetValueOrDefault(more.Name);
            failures[more.Name] = new(more.Name, before.Passed + more.Passed, before.Refused + more.Refused);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await KeepAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await KeepAsync();
        }
    }

    private async Task KeepAsync()
    {
        Dictionary<(string Namespace, string Name), News> news;
        lock (_lock)
        {
            (news, _news) = (_news, []);
        }

        if (news.Count == 0)
        {
            return;
        }

        try
        {
            await ledger.CountAsync(
                [
                    .. news.Select(each => new HoldCounts(new AuditReference(each.Key.Namespace, each.Key.Name, 0))
                    {
                        Held = each.Value.Held,
                        Failures = [.. each.Value.Failures.Values],
                    }),
                ],
                CancellationToken.None
            );
            _isTold = false;
        }
        catch (Exception wrong) when (wrong is LedgerException or ObjectDisposedException)
        {
            if (!_isTold)
            {
                _isTold = true;
                log.HoldsNotCounted(wrong.Message);
            }
        }
    }

    private News Of(AuditReference audit)
    {
        (string, string) key = (audit.Namespace, audit.Name);
        if (!_news.TryGetValue(key, out News? news))
        {
            _news[key] = news = new News([], []);
        }

        return news;
    }

    private sealed record News(List<TimeSpan> Held, Dictionary<string, HoldFailure> Failures);
}
