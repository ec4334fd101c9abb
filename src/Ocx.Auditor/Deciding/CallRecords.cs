using System.Security.Cryptography;
using System.Text;
using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;
using Ocx.Audit.Reverts;
using Ocx.Auditor.Tracing;
using Ocx.Auditor.Watching;
using Ocx.Ledger;

namespace Ocx.Auditor.Deciding;

/// <summary>The calls' records: one for each, whoever tells of it how often.</summary>
/// <param name="ledger">Has them.</param>
/// <param name="feed">Tells those who watch.</param>
/// <param name="metrics">Counts.</param>
/// <param name="traces">Sends spans of verdicts; null when nobody wants them.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">The auditor stops.</param>
internal sealed class CallRecords(
    ILedger ledger,
    Feed feed,
    AuditorMetrics metrics,
    TraceExport? traces,
    TimeProvider time,
    CancellationToken stopping
)
{
    /// <summary>The record that a call has already, or the call as it has to be recorded.</summary>
    /// <remarks>
    /// A node that learnt another's keys may have used one before its owner: then the owner's call is recorded under a
    /// key that has the owner's node in it.
    /// </remarks>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public async Task<(LedgerRecord? Record, Intent Intent)> FindAsync(Intent intent, string node)
    {
        if (await ledger.Reader.FindAsync(intent.Key, stopping) is not { } record)
        {
            return (null, intent);
        }

        Intent told = record.Entry.Intent;
        if (
            intent.Key.Contains('-', StringComparison.Ordinal)
            || (told.Time, told.Client.Address, told.Server.Address)
                == (intent.Time, intent.Client.Address, intent.Server.Address)
        )
        {
            return (record, intent);
        }

        metrics.KeyTaken();
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(node));
        Intent own = intent with { Key = $"{intent.Key}-{Convert.ToHexStringLower(hash, 0, 8)}" };
        return await FindAsync(own, node);
    }

    /// <summary>Keeps a record, and tells of it.</summary>
    /// <param name="entry">What is recorded.</param>
    /// <param name="node">The node of who told.</param>
    /// <param name="began">When the call came, of the clock.</param>
    /// <returns>What was recorded now, or the record that the call had already.</returns>
    /// <exception cref="LedgerException">The ledger did not take it.</exception>
    public async Task<(LedgerEntry? Kept, LedgerRecord? Before)> KeepAsync(LedgerEntry entry, string node, long began)
    {
        while ((await ledger.AppendAsync(entry, stopping)).Existed)
        {
            (LedgerRecord? before, Intent own) = await FindAsync(entry.Intent, node);
            if (before is not null)
            {
                return (null, before);
            }

            entry = entry with { Intent = own };
        }

        TimeSpan took = time.GetElapsedTime(began);
        metrics.Judged(entry.Audit, entry.Verdict, took);
        if (entry.Rehearsal is { } rehearsal)
        {
            metrics.Rehearsed(entry.Audit, rehearsal);
        }

        traces?.Judged(entry, time.GetUtcNow(), took);
        await TellAsync(entry.Intent.Key);
        return (entry, null);
    }

    /// <summary>
    /// Keeps a record of a revert, and tells of it. An auditor that stops writes it all the same: a call was made, or
    /// is about to be.
    /// </summary>
    /// <returns>False when the ledger has one of this key already: nothing was written then.</returns>
    /// <exception cref="LedgerException">The ledger did not take it.</exception>
    public async Task<bool> KeepRevertAsync(LedgerEntry entry)
    {
        if ((await ledger.AppendAsync(entry, CancellationToken.None)).Existed)
        {
            return false;
        }

        if (entry.Result is { } result)
        {
            metrics.Reverted(entry.Audit, result.Status == RevertRecords.Ok);
        }

        await TellAsync(entry.Intent.Key);
        return true;
    }

    /// <summary>A call's record as it is read; null when it has none.</summary>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public Task<LedgerRecord?> ReadAsync(string key) => ledger.Reader.FindAsync(key, stopping);

    // As it stands in the ledger, so that what is watched is what is kept.
    private async Task TellAsync(string call)
    {
        if (feed.IsWatched && await ledger.Reader.FindLineAsync(call, stopping) is { } line)
        {
            feed.Publish(line);
        }
    }
}
