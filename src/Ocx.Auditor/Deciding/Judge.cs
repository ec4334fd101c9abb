using System.Collections.Concurrent;
using Ocx.Api;
using Ocx.Audit.Approvals;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Tokens;
using Ocx.Auditor.Audits;
using Ocx.Ledger;

namespace Ocx.Auditor.Deciding;

/// <summary>
/// Takes what agents tell of calls, has each judged by the audit whose call it is, and is done with it when its record
/// is in the ledger. A call that comes again while it is judged is judged once. A stream that breaks stops no jury: its
/// calls come again, and have their records then. What a gate holds it tells of itself.
/// </summary>
/// <param name="audits">The audits; the first whose call it is judges a call.</param>
/// <param name="servers">The pods of the cluster; null where there is none.</param>
/// <param name="gates">The gates that are there.</param>
/// <param name="records">Keeps the records.</param>
/// <param name="person">What a person says of calls that are held.</param>
/// <param name="metrics">Counts.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">The auditor stops.</param>
internal sealed class Judge(
    AuditSet audits,
    CalledServers? servers,
    ConnectedGates gates,
    CallRecords records,
    PersonsWord person,
    AuditorMetrics metrics,
    TimeProvider time,
    CancellationToken stopping
)
{
    private readonly ConcurrentDictionary<(string Key, string Node), Lazy<Task>> _underWay = new();

    /// <summary>Ends when the call has its record, or is no audit's.</summary>
    /// <param name="intent">What the call wants.</param>
    /// <param name="node">
    /// The node of the agent that tells, proven: it speaks for servers of its own node alone. Of no meaning without a
    /// cluster.
    /// </param>
    /// <exception cref="LedgerException">The ledger did not take the record: the call has to come again.</exception>
    public Task TakeAsync(Intent intent, string node)
    {
        if (!audits.Current.Any(audit => audit.Scope.MayInclude(intent)))
        {
            metrics.NotAudited();
            return Task.CompletedTask;
        }

        // Begins when it is the one: the same call may come on two streams at once.
        var judging = new Lazy<Task>(() => JudgeAsync(intent, node));
        return _underWay.GetOrAdd((intent.Key, node), judging).Value;
    }

    private async Task JudgeAsync(Intent intent, string node)
    {
        string told = intent.Key;
        using IDisposable underWay = metrics.UnderWay();
        try
        {
            long began = time.GetTimestamp();
            IReadOnlyList<ServerPod> pods = servers is null ? [] : await servers.OfAgentAsync(intent, node);
            if (servers is not null && pods.Count == 0)
            {
                return; // counted
            }

            intent = CalledServers.Named(intent, pods);
            if (audits.Begin(intent, pods) is not { } audit)
            {
                metrics.NotAudited();
                return;
            }

            try
            {
                if (audit.Gate is not null && await gates.HasAsync(node))
                {
                    metrics.ToldByGate();
                }
                else
                {
                    await JudgeAsync(audit, intent, node, began);
                }
            }
            finally
            {
                audit.End();
            }
        }
        finally
        {
            _underWay.TryRemove((told, node), out _);
        }
    }

    // Nothing is held here: the record says what would have become of the call.
    private async Task JudgeAsync(ActiveAudit audit, Intent intent, string node, long began)
    {
        LedgerEntry entry = await audit.JudgeAsync(intent, AuditMode.Observe, time.GetUtcNow, stopping);
        if (entry.Verdict.Outcome == Outcome.Held)
        {
            (LedgerRecord? before, Intent own) = await records.FindAsync(entry.Intent, node);
            if (before is not null)
            {
                return; // it came again: its record stays, and it uses up no approval of another call
            }

            PersonsAnswer answer = await person.ApplyAsync(audit.Person, entry with { Intent = own }, stopping);
            entry = answer.Entry;
            metrics.Asked(answer.Problem);
        }

        entry = entry.Verdict.Outcome == Outcome.Released ? entry with { RevertTokenId = RevertToken.NewId() } : entry;
        await records.KeepAsync(entry, node, began);
    }
}
