using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>
/// A ledger in one SQLite file, which one process writes. What is acknowledged is on the disk, in the chain, and there
/// once for each call, whatever happens afterwards. For any number of threads.
/// </summary>
public sealed class SqliteLedger : IAsyncDisposable
{
    private readonly LedgerDatabase _database;
    private bool _isClosed;
    private readonly LedgerWriter _writer;
    private readonly ITimer _clock;
    private readonly Task _writing;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _looking;

    private SqliteLedger(
        string path,
        LedgerDatabase database,
        LedgerWriter writer,
        SqliteLedgerReader reader,
        ITimer clock
    )
    {
        (_database, _writer, Reader, _clock) = (database, writer, reader, clock);
        _writing = Task.Run(writer.RunAsync);
        _looking = Task.Run(() => LookThrough(path));
    }

    /// <summary>Reads what was written.</summary>
    public SqliteLedgerReader Reader { get; }

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

    /// <summary>
    /// Appends a record. Comes back when it is on the disk. A call that has a record already keeps that one.
    /// </summary>
    /// <param name="entry">What is recorded.</param>
    /// <param name="cancellation">Stops the waiting; the record may be written all the same.</param>
    /// <exception cref="ArgumentException">The call's key is none.</exception>
    /// <exception cref="LedgerException">The ledger cannot be written: nothing was.</exception>
    /// <exception cref="ObjectDisposedException">The ledger is closed.</exception>
    public async Task<LedgerAppend> AppendAsync(LedgerEntry entry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (!LedgerLimits.IsKey(entry.Intent.Key))
        {
            throw new ArgumentException("no key for a call", nameof(entry));
        }

        var append = new LedgerWriter.Append(entry);
        await PutAsync(append, cancellation).ConfigureAwait(false);
        return await append.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Lets another key sign from now on: the old one signs a head that introduces it.</summary>
    /// <param name="next">The key; it stays the caller's, and must live as long as the ledger.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <exception cref="LedgerException">The ledger cannot be written: nothing was.</exception>
    public async Task RotateAsync(LedgerSigningKey next, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(next);
        var rotate = new LedgerWriter.Rotate(next);
        await PutAsync(rotate, cancellation).ConfigureAwait(false);
        await rotate.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes what is waiting, signs a last head and lets go of the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, true))
        {
            return;
        }

        _writer.Waiting.TryComplete();
        await _clock.DisposeAsync().ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _database.Dispose();
        _closing.Dispose();
    }

    private static SqliteLedger Open(SqliteLedgerOptions options, TimeProvider time)
    {
        LedgerDatabase database = LedgerDatabase.Open(options.Path, options.Writer);
        try
        {
            var writer = new LedgerWriter(database, options, time);
            TimeSpan tick = options.HeadAfter / 4;
            ITimer clock = time.CreateTimer(_ => writer.Waiting.TryWrite(new LedgerWriter.Tick()), null, tick, tick);
            return new SqliteLedger(options.Path, database, writer, SqliteLedgerReader.Open(options.Path), clock);
        }
        catch (Exception error)
        {
            database.Dispose();
            if (error is SqliteException wrong)
            {
                throw LedgerFile.Explain(options.Path, wrong);
            }

            throw;
        }
    }

    private void LookThrough(string path)
    {
        try
        {
            LedgerFile.LookThrough(path, _closing.Token);
        }
        catch (LedgerException damage)
        {
            _writer.Refuse(damage);
        }
    }

    private async Task PutAsync(LedgerWriter.Work work, CancellationToken cancellation)
    {
        try
        {
            await _writer.Waiting.WriteAsync(work, cancellation).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteLedger));
        }
    }
}
