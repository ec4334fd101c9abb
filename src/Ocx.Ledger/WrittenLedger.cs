using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>A ledger whose one writer takes what is to be written, wherever it is kept.</summary>
public abstract class WrittenLedger : ILedger
{
    private bool _isClosed;

    private protected WrittenLedger(LedgerWriter writer) => Writer = writer;

    /// <summary>The chain's name.</summary>
    public abstract string Chain { get; }

    /// <inheritdoc/>
    public abstract LedgerReader Reader { get; }

    private protected LedgerWriter Writer { get; }

    /// <inheritdoc/>
    public LedgerPublicKey PublicKey => Writer.PublicKeys[0];

    /// <inheritdoc/>
    public IReadOnlyList<LedgerPublicKey> PublicKeys => Writer.PublicKeys;

    /// <inheritdoc/>
    public Task<LedgerAppend> AppendAsync(LedgerEntry entry, CancellationToken cancellation) =>
        Writer.AppendAsync(entry, cancellation);

    /// <inheritdoc/>
    public Task RotateAsync(LedgerSigningKey key, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Writer.ChangeAsync(chain => chain.Rotate(key), cancellation);
    }

    /// <inheritdoc/>
    public Task ForgetTotalsAsync(AuditReference audit, CancellationToken cancellation) =>
        Writer.ChangeAsync(chain => chain.Forget(audit), cancellation);

    /// <inheritdoc/>
    public Task CountAsync(IReadOnlyCollection<HoldCounts> counts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return Writer.ChangeAsync(chain => chain.Count(counts), cancellation);
    }

    /// <inheritdoc/>
    public void Retain(LedgerRetention retention)
    {
        ArgumentNullException.ThrowIfNull(retention);
        Writer.Retain(retention);
    }

    /// <summary>Writes what is waiting, signs a last head, and lets go of the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _isClosed, true))
        {
            await CloseAsync().ConfigureAwait(false);
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Ends the writer, and whatever uses the store before and after it.</summary>
    private protected abstract ValueTask CloseAsync();
}
