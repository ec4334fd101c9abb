using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>Reads a ledger, also one that another process writes. For any number of threads.</summary>
public sealed class SqliteLedgerReader
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
            using SqliteConnection connection = LedgerFile.Open(path, SqliteOpenMode.ReadOnly);
            LedgerFile.Look(connection, path);
            return new SqliteLedgerReader(path, LedgerFile.Chain(connection, path));
        }
        catch (SqliteException error)
        {
            throw LedgerFile.Explain(path, error);
        }
    }

    /// <summary>The record of a call; null when there is none.</summary>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public async Task<LedgerRecord?> FindAsync(string call, CancellationToken cancellation) =>
        await FindLineAsync(call, cancellation).ConfigureAwait(false) is { } line ? Parse(line) : null;

    /// <summary>The record of a call as it stands in the ledger; null when there is none.</summary>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public async Task<byte[]?> FindLineAsync(string call, CancellationToken cancellation)
    {
        using SqliteConnection connection = Connect();
        using var lines = new Lines(connection, _path, "SELECT line FROM records WHERE call = $value", call);
        return await lines.NextAsync(cancellation).ConfigureAwait(false) ? lines.Line : null;
    }

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

    /// <summary>The newest records as they stand in the ledger, the newest first.</summary>
    /// <param name="count">How many, at most.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public async IAsyncEnumerable<byte[]> NewestLinesAsync(
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

    /// <summary>
    /// All lines as they were at one instant, in the order in which they verify: what introduced the keys of dropped
    /// records, the stub that stands for those, then the records, each head behind its own.
    /// </summary>
    /// <exception cref="LedgerException">The ledger cannot be read.</exception>
    public async IAsyncEnumerable<byte[]> LinesAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using SqliteConnection connection = Connect();
        LedgerFile.Run(connection, "BEGIN"); // it ends with the connection
        using var stub = new Lines(connection, _path, "SELECT line, sequence FROM stub");
        using var heads = new Lines(connection, _path, "SELECT line, sequence FROM heads ORDER BY sequence, id");
        using var records = new Lines(connection, _path, "SELECT line, sequence FROM records ORDER BY sequence");
        bool isHead = await heads.NextAsync(cancellation).ConfigureAwait(false);
        Lines next = stub;
        bool isRecord = await stub.NextAsync(cancellation).ConfigureAwait(false);
        if (!isRecord)
        {
            next = records;
            isRecord = await records.NextAsync(cancellation).ConfigureAwait(false);
        }

        while (isHead || isRecord)
        {
            // Of dropped records there are only the heads that introduce keys, which the stub's signature may need.
            if (isHead && (!isRecord || heads.Sequence < next.Sequence + (next == stub ? 1 : 0)))
            {
                yield return heads.Line;
                isHead = await heads.NextAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            yield return next.Line;
            next = records;
            isRecord = await records.NextAsync(cancellation).ConfigureAwait(false);
        }
    }

    private SqliteConnection Connect()
    {
        try
        {
            return LedgerFile.Open(_path, SqliteOpenMode.ReadOnly);
        }
        catch (SqliteException error)
        {
            throw LedgerFile.Explain(_path, error);
        }
    }

    private LedgerRecord Parse(byte[] line)
    {
        try
        {
            return LedgerRecord.Read(line) ?? throw LedgerFile.Damaged(_path, "a record is none", null);
        }
        catch (FormatException wrong)
        {
            throw LedgerFile.Damaged(_path, "a record cannot be read", wrong);
        }
    }

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
                throw LedgerFile.Explain(_path, error);
            }
        }

        public void Dispose()
        {
            _reader?.Dispose();
            _command.Dispose();
        }
    }
}
