using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>Where one chain is stored, as its one writer uses it. For one thread at a time.</summary>
internal interface ILedgerStore : IDisposable
{
    /// <summary>The chain's name.</summary>
    string Chain { get; }

    /// <summary>Makes the connection again when it was lost.</summary>
    /// <returns>True when it was made again: what is known of the chain has to be read anew.</returns>
    /// <exception cref="LedgerException">It cannot be made now.</exception>
    bool Renew();

    /// <summary>
    /// Writes in one transaction. When this comes back, all of it is stored. When it throws, nothing is, or, where the
    /// connection was lost at the end, all of it.
    /// </summary>
    void Commit(Action write);

    /// <summary>The lines of the records of those of the calls that have one, whatever their chain.</summary>
    IReadOnlyDictionary<string, byte[]> Find(IReadOnlyCollection<string> calls);

    /// <summary>Adds records behind the last one.</summary>
    /// <exception cref="WriteAgainException">A call of them has got a record in another chain meanwhile.</exception>
    void Add(IReadOnlyList<NewRecord> records);

    /// <summary>Adds a head.</summary>
    void AddHead(LedgerLine line, bool introduces);

    /// <summary>Adds to the totals.</summary>
    void AddTotals(IReadOnlyDictionary<TotalKey, long> counts);

    /// <summary>Forgets the totals of an audit.</summary>
    void ForgetTotals(AuditReference audit);

    /// <summary>The totals of this chain of a kind.</summary>
    IReadOnlyList<TotalKey> Totals(TotalKind kind);

    /// <summary>The line of the record with this number; null when there is none.</summary>
    byte[]? Record(long sequence);

    /// <summary>The last record's line; null when there is none.</summary>
    byte[]? LastRecord();

    /// <summary>The last head's line; null when there is none.</summary>
    byte[]? LastHead();

    /// <summary>The stub's line; null when there is none.</summary>
    byte[]? Stub();

    /// <summary>
    /// The last of the first <paramref name="most"/> records that are older than a time, one after the other; 0 when
    /// there is none.
    /// </summary>
    long OlderThan(DateTimeOffset time, int most);

    /// <summary>The last of the first <paramref name="most"/> records; 0 when there is none.</summary>
    long Oldest(int most);

    /// <summary>Is there more than that many bytes, and is it this chain that has to drop some?</summary>
    bool IsTooLarge(long mostBytes);

    /// <summary>Drops the records up to the one that a stub stands for.</summary>
    void Drop(LedgerLine stub);

    /// <summary>Looks after what was dropped, outside of a transaction.</summary>
    void Tidy();

    /// <summary>Chains without a writer, which nobody else can drop from. Each is to be disposed of.</summary>
    IEnumerable<ILedgerStore> Abandoned();

    /// <summary>Says what is wrong in the words of a ledger.</summary>
    Exception Explain(Exception error);

    /// <summary>Says that what is stored is not as it was written.</summary>
    LedgerException Damaged(string why, Exception? inner);

    /// <summary>Says that another key signs the chain.</summary>
    LedgerException SignedByAnother(string signer, string key);
}

/// <summary>A record that is to be stored.</summary>
internal readonly record struct NewRecord(LedgerLine Line, LedgerEntry Entry);

/// <summary>Another writer was faster: what was written has been taken back, and has to be written again.</summary>
internal sealed class WriteAgainException : Exception;
