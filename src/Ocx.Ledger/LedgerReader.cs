using System.Runtime.CompilerServices;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>Reads a ledger, also one that others write. For any number of threads.</summary>
public abstract class LedgerReader
{
    /// <summary>The record of a call as it stands in the ledger; null when there is none.</summary>
    /// <exception cref="LedgerException">The ledger cannot be read, or has another call's under that key.</exception>
    public async Task<byte[]?> FindLineAsync(string key, CancellationToken cancellation) =>
        (await FindBothAsync(key, cancellation).ConfigureAwait(false)).Line;

    /// <summary>The newest records as they stand in the ledger, the newest first.</summary>
    /// <param name="count">How many, at most.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public abstract IAsyncEnumerable<byte[]> NewestLinesAsync(int count, CancellationToken cancellation);

    /// <summary>
    /// All lines as they were at one instant, chain after chain, in the order in which they verify: what introduced the
    /// keys of dropped records, the stub that stands for those, then the records, each head behind its own.
    /// </summary>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public abstract IAsyncEnumerable<byte[]> LinesAsync(CancellationToken cancellation);

    /// <summary>What the calls of each audit came to, by namespace and name.</summary>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public abstract ValueTask<IReadOnlyList<AuditTotals>> TotalsAsync(CancellationToken cancellation);

    /// <summary>The record of a call; null when there is none.</summary>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public async Task<LedgerRecord?> FindAsync(string key, CancellationToken cancellation) =>
        (await FindBothAsync(key, cancellation).ConfigureAwait(false)).Record;

    /// <summary>The newest records, the newest first.</summary>
    /// <param name="count">How many, at most.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public async IAsyncEnumerable<LedgerRecord> NewestAsync(
        int count,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await foreach (byte[] line in NewestLinesAsync(count, cancellation).ConfigureAwait(false))
        {
            yield return Parse(line);
        }
    }

    /// <summary>What is stored under a call's key; null when nothing is.</summary>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    private protected abstract Task<byte[]?> LookUpAsync(string key, CancellationToken cancellation);

    /// <summary>Says that the ledger is not as it was written.</summary>
    private protected abstract LedgerException Damaged(string why, Exception? inner);

    private async Task<(byte[]? Line, LedgerRecord? Record)> FindBothAsync(string key, CancellationToken cancellation)
    {
        if (await LookUpAsync(key, cancellation).ConfigureAwait(false) is not { } line)
        {
            return (null, null);
        }

        // The key that a record is found by stands beside it, where nothing is hashed.
        LedgerRecord record = Parse(line);
        return record.Entry.Intent.Key == key
            ? (line, record)
            : throw Damaged("a record is found by the key of another call", null);
    }

    private LedgerRecord Parse(byte[] line)
    {
        try
        {
            return LedgerRecord.Read(line) ?? throw Damaged("a record is none", null);
        }
        catch (FormatException wrong)
        {
            throw Damaged("a record cannot be read", wrong);
        }
    }
}
