using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Ocx.Ledger;

/// <summary>Reads a ledger in a SQLite file, also one that another process writes.</summary>
public sealed class SqliteLedgerReader : LedgerReader
{
    private readonly string _path;

    private SqliteLedgerReader(string path, string chain) => (_path, Chain) = (path, chain);

    /// <summary>The chain's name.</summary>
    public string Chain { get; }

    /// <summary>Opens a ledger.</summary>
    /// <exception cref="LedgerException">It is none, or a damaged one.</exception>
    public static SqliteLedgerReader Open(string path)
    {
        try
        {
            using SqliteConnection connection = SqliteFile.Open(path, SqliteOpenMode.ReadOnly);
            SqliteFile.Look(connection, path);
            return new SqliteLedgerReader(path, SqliteFile.Chain(connection, path));
        }
        catch (SqliteException error)
        {
            throw SqliteFile.Explain(path, error);
        }
    }

    /// <inheritdoc/>
    private protected override async Task<byte[]?> LookUpAsync(string key, CancellationToken cancellation)
    {
        // Calls are looked up by the thousand: to open a connection takes longer than to find a record.
        using SqliteConnection connection = Connect(isPooled: true);
        using var lines = new Lines(connection, _path, "SELECT line FROM records WHERE call = $value", key);
        return await lines.NextAsync(cancellation).ConfigureAwait(false) ? lines.Line : null;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<byte[]> NewestLinesAsync(
        int count,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        const string Text = "SELECT line FROM records ORDER BY sequence DESC LIMIT $value";
        using SqliteConnection connection = Connect();
        using var lines = new Lines(connection, _path, Text, count);
        while (await lines.NextAsync(cancellation).ConfigureAwait(false))
        {
            yield return lines.Line;
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<byte[]> LinesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using SqliteConnection connection = Connect();
        SqliteFile.Run(connection, "BEGIN"); // it ends with the connection
        StoredLine? stub = null;
        await foreach (
            StoredLine line in Stored(connection, "SELECT line, sequence FROM stub", cancellation).ConfigureAwait(false)
        )
        {
            stub = line;
        }

        IAsyncEnumerable<byte[]> lines = LineMerge.MergeAsync(
            stub,
            Stored(connection, "SELECT line, sequence FROM heads ORDER BY sequence, id", cancellation),
            Stored(connection, "SELECT line, sequence FROM records ORDER BY sequence", cancellation),
            cancellation
        );
        await foreach (byte[] line in lines.ConfigureAwait(false))
        {
            yield return line;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<AuditTotals>> TotalsAsync(CancellationToken cancellation)
    {
        using SqliteConnection connection = Connect();
        try
        {
            return ValueTask.FromResult(TotalKey.Gather(SqliteTotals.Read(connection)));
        }
        catch (SqliteException error)
        {
            throw SqliteFile.Explain(_path, error);
        }
    }

    private async IAsyncEnumerable<StoredLine> Stored(
        SqliteConnection connection,
        string text,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        using var lines = new Lines(connection, _path, text);
        while (await lines.NextAsync(cancellation).ConfigureAwait(false))
        {
            yield return new StoredLine(lines.Sequence, lines.Line);
        }
    }

    /// <summary>Lets go of the file.</summary>
    internal void Close() => SqliteFile.ClearPool(_path, SqliteOpenMode.ReadOnly);

    private SqliteConnection Connect(bool isPooled = false)
    {
        try
        {
            return SqliteFile.Open(_path, SqliteOpenMode.ReadOnly, isPooled);
        }
        catch (SqliteException error)
        {
            throw SqliteFile.Explain(_path, error);
        }
    }

    private protected override LedgerException Damaged(string why, Exception? inner) =>
        SqliteFile.Damaged(_path, why, inner);

    // Lines one after the other, and what SQLite says in the words of a ledger.
    private sealed class Lines : IDisposable
    {
        private readonly string _path;
        private readonly SqliteCommand _command;
        private SqliteDataReader? _reader;

        public Lines(SqliteConnection connection, string path, string text, object? value = null)
        {
            _path = path;
            _command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
            _command.CommandText = text;
#pragma warning restore CA2100
            if (value is not null)
            {
                _command.Parameters.AddWithValue("$value", value);
            }
        }

        public byte[] Line => _reader!.GetFieldValue<byte[]>(0);

        public long Sequence => _reader!.GetInt64(1);

        public async Task<bool> NextAsync(CancellationToken cancellation)
        {
            try
            {
                _reader ??= await _command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
                return await _reader.ReadAsync(cancellation).ConfigureAwait(false);
            }
            catch (SqliteException error)
            {
                throw SqliteFile.Explain(_path, error);
            }
        }

        public void Dispose()
        {
            _reader?.Dispose();
            _command.Dispose();
        }
    }
}
