using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>
/// A ledger in PostgreSQL that several processes write: each has a chain of its own, and a call has one record in all
/// of them. What is acknowledged is committed, and on the server's disk. A connection that breaks is made again; what
/// was not acknowledged until then fails.
/// </summary>
public sealed class PostgresLedger : WrittenLedger
{
    private readonly PostgresStore _store;

    private PostgresLedger(PostgresStore store, LedgerReader reader, LedgerWriter writer)
        : base(writer) => (_store, Reader) = (store, reader);

    /// <inheritdoc/>
    public override string Chain => _store.Chain;

    /// <inheritdoc/>
    public override LedgerReader Reader { get; }

    /// <summary>
    /// Opens a ledger, and makes its tables where there are none. Waits, and says so, as long as another process writes
    /// this replica's chain.
    /// </summary>
    /// <param name="options">How it is kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <exception cref="ArgumentException">The replica's name is none.</exception>
    /// <exception cref="LedgerException">
    /// The database cannot be used; the message says what to do. Or the chain was signed by another key.
    /// </exception>
    public static Task<PostgresLedger> OpenAsync(
        PostgresLedgerOptions options,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        if (!LedgerLimits.IsChain(options.Replica))
        {
            throw new ArgumentException("no name for a replica", nameof(options));
        }

        return Task.Run(() => Open(options, time, cancellation), cancellation);
    }

    /// <inheritdoc/>
    private protected override async ValueTask CloseAsync()
    {
        await Writer.DisposeAsync().ConfigureAwait(false);
        _store.Dispose(); // another process may have the chain
    }

    private static PostgresLedger Open(PostgresLedgerOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var database = new PostgresDatabase(options.ConnectionString, $"ocx-auditor {options.Replica}");
        var store = new PostgresStore(
            PostgresSession.Open(database, options.Replica, options.Warn, cancellation),
            options.Replica
        );
        try
        {
            return new PostgresLedger(
                store,
                new PostgresLedgerReader(database),
                new LedgerWriter(store, options, time)
            );
        }
        catch (Exception error)
        {
            store.Dispose();
            throw database.Explain(error);
        }
    }
}
