using Microsoft.Data.Sqlite;

namespace Ocx.Ledger;

/// <summary>
/// A ledger in one SQLite file, which one process writes. What is acknowledged is on the disk.
/// </summary>
public sealed class SqliteLedger : WrittenLedger
{
    private readonly SqliteStore _store;
    private readonly SqliteLedgerReader _reader;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _looking;

    private SqliteLedger(string path, SqliteStore store, SqliteLedgerReader reader, LedgerWriter writer)
        : base(writer)
    {
        (_store, _reader) = (store, reader);
        _looking = Task.Run(() => LookThrough(path));
    }

    /// <inheritdoc/>
    public override string Chain => _store.Chain;

    /// <inheritdoc/>
    public override LedgerReader Reader => _reader;

    /// <summary>
    /// Opens a ledger, or makes one. The file is looked through while it is in use already: damage that is found then
    /// ends the appends.
    /// </summary>
    /// <param name="options">How it is kept.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="LedgerException">
    /// It is none, or damaged, or another process writes it, or it was signed by another key.
    /// </exception>
    public static Task<SqliteLedger> OpenAsync(SqliteLedgerOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        return Task.Run(() => Open(options, time));
    }

    /// <inheritdoc/>
    private protected override async ValueTask CloseAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Writer.DisposeAsync().ConfigureAwait(false);
        _store.Dispose();
        _reader.Close();
        _closing.Dispose();
    }

    private static SqliteLedger Open(SqliteLedgerOptions options, TimeProvider time)
    {
        SqliteStore store = SqliteStore.Open(options.Path, options.Writer);
        try
        {
            SqliteLedgerReader reader = SqliteLedgerReader.Open(options.Path);
            return new SqliteLedger(options.Path, store, reader, new LedgerWriter(store, options, time));
        }
        catch (Exception error)
        {
            store.Dispose();
            if (error is SqliteException wrong)
            {
                throw SqliteFile.Explain(options.Path, wrong);
            }

            throw;
        }
    }

    private void LookThrough(string path)
    {
        try
        {
            SqliteFile.LookThrough(path, _closing.Token);
        }
        catch (LedgerException damage)
        {
            Writer.Refuse(damage);
        }
    }
}
