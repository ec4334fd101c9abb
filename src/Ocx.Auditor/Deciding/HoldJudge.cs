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
/// Has the calls judged that gates hold. A call is decided once, and its record is in the ledger by then: one that is
/// asked about again has the decision that is under way, or the one of its record.
/// </summary>
/// <param name="audits">The audits; the first whose call it is judges a call.</param>
/// <param name="servers">The pods of the cluster; null where there is none.</param>
/// <param name="records">Keeps the records.</param>
/// <param name="person">Waits for a person, where the jury holds a call.</param>
/// <param name="news">Tells those who watch of calls that wait.</param>
/// <param name="tokens">The keys of revert tokens.</param>
/// <param name="metrics">Counts.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">The auditor stops.</param>
internal sealed class HoldJudge(
    AuditSet audits,
    CalledServers? servers,
    CallRecords records,
    PersonsPatience person,
    HoldNews news,
    RevertKeyRing tokens,
    AuditorMetrics metrics,
    TimeProvider time,
    CancellationToken stopping
)
{
    private readonly ConcurrentDictionary<(string Key, string Node), Hold> _underWay = new();
    private readonly ConcurrentDictionary<(string Namespace, string Name), int> _waiting = new();

    /// <summary>
    /// Takes a call. Its decision fails with <see cref="LedgerException"/> when the ledger did not take its record: it
    /// has to be asked about again then.
    /// </summary>
    /// <param name="intent">What the call wants.</param>
    /// <param name="node">The gate's node, proven; of no meaning without a cluster.</param>
    public Hold Take(Intent intent, string node)
    {
        // It is decided when it is the one: the same call may come on two streams at once.
        var hold = new Hold(own => DecideAsync(own, intent, node));
        return _underWay.GetOrAdd((intent.Key, node), hold);
    }

    /// <summary>The gate has let go of a call: one that waits for a person waits no more.</summary>
    public void End(string key, string node)
    {
        if (_underWay.TryGetValue((key, node), out Hold? hold))
        {
            hold.End();
        }
    }

    /// <summary>How many calls of an audit wait for their verdict now.</summary>
    public int Waiting(AuditReference audit) => _waiting.GetValueOrDefault((audit.Namespace, audit.Name));

    private async Task<Decision> DecideAsync(Hold hold, Intent intent, string node)
    {
        string told = intent.Key;
        using IDisposable underWay = metrics.UnderWay();
        try
        {
            long began = time.GetTimestamp();
            (LedgerRecord? record, intent) = await records.FindAsync(intent, node);
            if (record is not null)
            {
                return Told(record);
            }

            IReadOnlyList<ServerPod> pods = servers is null ? [] : await servers.OfGateAsync(intent, node);
            if (servers is not null && pods.Count == 0)
            {
                return Unknown(intent);
            }

            intent = CalledServers.Named(intent, pods);
            if (audits.Begin(intent, pods) is not { } audit)
            {
                metrics.NotAudited();
                return Decision.NotHeld;
            }

            try
            {
                if (audit.Gate is not { } terms)
                {
                    return Decision.NotHeld; // agents tell of it
                }

                using IDisposable waiting = metrics.Waiting();
                Count(audit.Reference, 1);
                return await DecideAsync(hold, audit, terms, intent, node, began);
            }
            finally
            {
                Count(audit.Reference, audit.Gate is null ? 0 : -1);
                audit.End();
            }
        }
        finally
        {
            hold.SetJudged();
            _underWay.TryRemove((told, node), out _);
        }
    }

    private async Task<Decision> DecideAsync(
        Hold hold,
        ActiveAudit audit,
        GateTerms terms,
        Intent intent,
        string node,
        long began
    )
    {
        DateTimeOffset came = time.GetUtcNow();
        LedgerEntry entry = await audit.JudgeAsync(intent, AuditMode.Enforce, time.GetUtcNow, stopping);
        entry = entry with { Intent = LedgerEntry.Kept(entry.Intent) };
        intent = entry.Intent;
        hold.SetJudged();
        Approval? approval = null;
        if (entry.Verdict.Outcome == Outcome.Held)
        {
            TimeSpan left = terms.Left(intent.Time, came) - time.GetElapsedTime(began);
            bool passes = audit.Jury.Rules.OnDeadline == Ballot.Release;
            PersonsAnswer answer = await person.WaitAsync(
                audit.Person,
                entry,
                new WaitTerms(left, terms.MaxHold, passes),
                hold.Ended,
                asked => news.Tell(() => HoldNotice.Waits(entry, asked, came + left)),
                stopping
            );
            (entry, approval) = (answer.Entry, answer.Approval);
            metrics.Asked(answer.Problem);
        }

        // What can be taken back has run already: whoever is refused its result can ask for it to be taken back.
        bool hasRun = entry.Verdict.Releases || entry.Intent.Class == CallClass.Reversible;
        entry = hasRun ? entry with { RevertTokenId = RevertToken.NewId() } : entry;
        (LedgerEntry? kept, LedgerRecord? before) = await records.KeepAsync(entry, node, began);
        if (kept is null)
        {
            return Told(before!);
        }

        if (approval is not null)
        {
            news.Tell(() => HoldNotice.Ended(kept, approval, time.GetElapsedTime(began)));
        }

        return kept.Verdict.Releases || !hasRun
            ? Decision.Of(kept) with
            {
                Approval = Open(kept, approval),
            }
            : Told((await records.ReadAsync(kept.Intent.Key))!) with
            {
                Approval = Open(kept, approval),
            };
    }

    private void Count(AuditReference audit, int more) =>
        _waiting.AddOrUpdate((audit.Namespace, audit.Name), more, (_, before) => before + more);

    // A person may still decide, and the next such call has his word.
    private static string? Open(LedgerEntry entry, Approval? approval) =>
        !entry.Verdict.Releases && approval is { Decision: null } ? approval.Id : null;

    private Decision Told(LedgerRecord record) =>
        Decision.Of(record.Entry) with
        {
            RevertToken = record.Entry.Verdict.Releases ? null : RevertToken.Of(tokens, record)?.Text,
        };

    // Its rules were sent for a pod that nobody knows any more. Whose call it is cannot be said, so it has no record.
    private Decision Unknown(Intent intent)
    {
        ActiveAudit? first = audits.Current.FirstOrDefault(audit =>
            audit.Gate is not null && audit.Scope.MayInclude(intent)
        );
        return first?.Gate is not { FailsOpen: false }
            ? Decision.NotHeld
            : new Decision(false) { Audit = first.Reference, Reason = "the server's pod is not known" };
    }
}
