using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>
/// A ledger that this process writes. What is acknowledged is stored, in the chain, and there once for each call,
/// whatever happens afterwards. For any number of threads.
/// </summary>
public interface ILedger : IAsyncDisposable
{
    /// <summary>Reads what was written.</summary>
    LedgerReader Reader { get; }

    /// <summary>The public half of the key that signs now; it stays the ledger's.</summary>
    LedgerPublicKey PublicKey { get; }

    /// <summary>What the ledger verifies with: that key, and those known that signed before it.</summary>
    IReadOnlyList<LedgerPublicKey> PublicKeys { get; }

    /// <summary>
    /// Appends a record. Comes back when it is stored. A call that has a record already keeps that one.
    /// </summary>
    /// <param name="entry">What is recorded.</param>
    /// <param name="cancellation">Stops the waiting; the record may be written all the same.</param>
    /// <exception cref="ArgumentException">The call's key is none.</exception>
    /// <exception cref="LedgerException">
    /// The ledger cannot be written. Append it again: a call never has two records.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The ledger is closed.</exception>
    Task<LedgerAppend> AppendAsync(LedgerEntry entry, CancellationToken cancellation);

    /// <summary>Lets another key sign from now on: the old one signs a head that introduces it.</summary>
    /// <param name="key">The key; it stays the caller's, and must live as long as the ledger.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <exception cref="LedgerException">The ledger cannot be written.</exception>
    Task RotateAsync(LedgerSigningKey key, CancellationToken cancellation);

    /// <summary>Forgets the totals of an audit that is gone (<see cref="LedgerReader.TotalsAsync"/>).</summary>
    /// <param name="audit">The audit; its generation does not matter.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <exception cref="LedgerException">The ledger cannot be written.</exception>
    Task ForgetTotalsAsync(AuditReference audit, CancellationToken cancellation);

    /// <summary>Adds what gates told to the totals (<see cref="LedgerReader.TotalsAsync"/>).</summary>
    /// <param name="counts">What is new.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <exception cref="LedgerException">The ledger cannot be written: nothing was added.</exception>
    Task CountAsync(IReadOnlyCollection<HoldCounts> counts, CancellationToken cancellation);

    /// <summary>Says how long, and how much, is kept from now on; what is beyond goes within seconds.</summary>
    void Retain(LedgerRetention retention);
}

/// <summary>What an append came to.</summary>
/// <param name="Position">The record's number and hash.</param>
/// <param name="Existed">True when there was a record of this call already: then that one stays, and nothing was
/// written.</param>
public readonly record struct LedgerAppend(LedgerPosition Position, bool Existed);
