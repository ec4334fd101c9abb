using System.Collections.Concurrent;
using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Audits;
using Ocx.Ledger;

namespace Ocx.Auditor.Deciding;

/// <summary>
/// Takes what calls want, has each judged by the audit whose call it is, and is done with it when its record is in the
/// ledger. A call that comes again while it is judged is judged once. A stream that breaks stops no jury: its calls
/// come again, and have their records then.
/// </summary>
internal sealed class Judge(
    IReadOnlyList<ActiveAudit> audits,
    SqliteLedger ledger,
    AuditorMetrics metrics,
    TimeProvider time,
    CancellationToken stopping
)
{
    private readonly ConcurrentDictionary<string, Lazy<Task>> _underWay = new(StringComparer.Ordinal);

    /// <summary>
    /// Ends when the call has its record, or is no audit's. Of several audits the first one of the file judges.
    /// </summary>
    /// <exception cref="LedgerException">The ledger did not take the record: the call has to come again.</exception>
    public Task TakeAsync(Intent intent)
    {
        ActiveAudit? audit = audits.FirstOrDefault(audit => audit.Scope.Includes(intent));
        if (audit is null)
        {
            metrics.NotAudited();
            return Task.CompletedTask;
        }

        // Begins when it is the one: the same call may come on two streams at once.
        var judging = new Lazy<Task>(() => JudgeAsync(audit, intent));
        return _underWay.GetOrAdd(intent.Key, judging).Value;
    }

    private async Task JudgeAsync(ActiveAudit audit, Intent intent)
    {
        try
        {
            long began = time.GetTimestamp();
            LedgerEntry entry = await audit.JudgeAsync(intent, time.GetUtcNow, stopping);
            if (!(await ledger.AppendAsync(entry, stopping)).Existed)
            {
                metrics.Judged(audit.Reference, entry.Verdict, time.GetElapsedTime(began));
            }
        }
        finally
        {
            _underWay.TryRemove(intent.Key, out _);
        }
    }
}
