using Microsoft.Data.Sqlite;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>A chain in a file of its own, which its lock keeps for one process.</summary>
internal sealed class SqliteStore : ILedgerStore
{
    private readonly string _path;
    private readonly FileStream _lock;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _find;
    private readonly SqliteCommand _addRecord;
    private readonly SqliteCommand _addHead;
    private readonly SqliteCommand _addTotal;
    private bool _hasDropped;

    private SqliteStore(string path, FileStream @lock, SqliteConnection connection, string chain)
    {
        (_path, _lock, _connection, Chain) = (path, @lock, connection, chain);
        _find = Command("SELECT line FROM records WHERE call = $call", "$call");
        _addRecord = Command(
            "INSERT INTO records (sequence, call, time, line) VALUES ($sequence, $call, $time, $line)",
            "$sequence",
            "$call",
            "$time",
            "$line"
        );
        _addHead = Command(
            "INSERT INTO heads (sequence, introduces, line) VALUES ($sequence, $introduces, $line)",
            "$sequence",
            "$introduces",
            "$line"
        );
        _addTotal = Command(
            """
            INSERT INTO totals (namespace, audit, kind, detail, count)
            VALUES ($namespace, $audit, $kind, $detail, $count)
            ON CONFLICT DO UPDATE SET count = count + excluded.count
            """,
            "$namespace",
            "$audit",
            "$kind",
            "$detail",
            "$count"
        );
    }

    /// <inheritdoc/>
    public string Chain { get; }

    /// <exception cref="LedgerException">It is none, is damaged, or another process writes it.</exception>
    public static SqliteStore Open(string path, string writer)
    {
        FileStream? exclusive = null;
        SqliteConnection? connection = null;
        try
        {
            exclusive = Lock(path);
            connection = SqliteFile.Open(path, SqliteOpenMode.ReadWrite);
            string chain = SqliteFile.Prepare(connection, path, writer);
            return new SqliteStore(path, exclusive, connection, chain);
        }
        catch (Exception error)
        {
            connection?.Dispose();
            exclusive?.Dispose();
            if (error is SqliteException wrong)
            {
                throw SqliteFile.Explain(path, wrong);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public bool Renew() => false;

    /// <inheritdoc/>
    public void Commit(Action write)
    {
        Scalar("BEGIN IMMEDIATE");
        try
        {
            write();
            Scalar("COMMIT");
        }
        catch
        {
            try
            {
                Scalar("ROLLBACK");
            }
            catch (SqliteException)
            {
                // SQLite has rolled back by itself.
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, byte[]> Find(IReadOnlyCollection<string> calls)
    {
        var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (string key in calls)
        {
            _find.Parameters[0].Value = key;
            if (_find.ExecuteScalar() is byte[] line)
            {
                found[key] = line;
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public void Add(IReadOnlyList<NewRecord> records)
    {
        foreach ((LedgerLine line, LedgerEntry entry) in records)
        {
            _addRecord.Parameters[0].Value = line.Position.Sequence;
            _addRecord.Parameters[1].Value = entry.Intent.Key;
            _addRecord.Parameters[2].Value = entry.Time.ToUnixTimeMilliseconds();
            _addRecord.Parameters[3].Value = line.Bytes.ToArray();
            _addRecord.ExecuteNonQuery();
        }
    }

    /// <inheritdoc/>
    public void AddTotals(IReadOnlyDictionary<TotalKey, long> counts)
    {
        foreach ((TotalKey key, long count) in counts)
        {
            _addTotal.Parameters[0].Value = key.Namespace;
            _addTotal.Parameters[1].Value = key.Audit;
            _addTotal.Parameters[2].Value = (int)key.Kind;
            _addTotal.Parameters[3].Value = key.Detail;
            _addTotal.Parameters[4].Value = count;
            _addTotal.ExecuteNonQuery();
        }
    }

    /// <inheritdoc/>
    public void ForgetTotals(AuditReference audit)
    {
        using SqliteCommand command = Command(
            "DELETE FROM totals WHERE namespace = $namespace AND audit = $audit",
            "$namespace",
            "$audit"
        );
        command.Parameters[0].Value = TotalsCounter.Name(audit.Namespace);
        command.Parameters[1].Value = TotalsCounter.Name(audit.Name);
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public IReadOnlyList<TotalKey> Totals(TotalKind kind) =>
        [.. SqliteTotals.Read(_connection).Where(each => each.Key.Kind == kind).Select(each => each.Key)];

    /// <inheritdoc/>
    public void AddHead(LedgerLine line, bool introduces)
    {
        _addHead.Parameters[0].Value = line.Position.Sequence;
        _addHead.Parameters[1].Value = introduces;
        _addHead.Parameters[2].Value = line.Bytes.ToArray();
        _addHead.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public byte[]? Record(long sequence) => (byte[]?)Scalar($"SELECT line FROM records WHERE sequence = {sequence}");

    /// <inheritdoc/>
    public byte[]? LastRecord() => (byte[]?)Scalar("SELECT line FROM records ORDER BY sequence DESC LIMIT 1");

    /// <inheritdoc/>
    public byte[]? LastHead() => (byte[]?)Scalar("SELECT line FROM heads ORDER BY id DESC LIMIT 1");

    /// <inheritdoc/>
    public byte[]? Stub() => (byte[]?)Scalar("SELECT line FROM stub");

    /// <inheritdoc/>
    public long OlderThan(DateTimeOffset time, int most)
    {
        long last = 0;
        using SqliteCommand command = Command($"SELECT sequence, time FROM records ORDER BY sequence LIMIT {most}");
        using SqliteDataReader oldest = command.ExecuteReader();
        while (oldest.Read() && oldest.GetInt64(1) < time.ToUnixTimeMilliseconds())
        {
            last = oldest.GetInt64(0);
        }

        return last;
    }

    /// <inheritdoc/>
    public long Oldest(int most) =>
        Scalar($"SELECT max(sequence) FROM (SELECT sequence FROM records ORDER BY sequence LIMIT {most})")
            is long sequence
            ? sequence
            : 0;

    /// <inheritdoc/>
    public bool IsTooLarge(long mostBytes) =>
        (Pragma("page_count") - Pragma("freelist_count")) * Pragma("page_size") > mostBytes;

    /// <inheritdoc/>
    public void Drop(LedgerLine stub)
    {
        long last = stub.Position.Sequence;
        using SqliteCommand command = Command(
            $"""
            DELETE FROM records WHERE sequence <= {last};
            DELETE FROM heads WHERE sequence <= {last} AND NOT introduces AND id < (SELECT max(id) FROM heads);
            INSERT OR REPLACE INTO stub (id, sequence, line) VALUES (1, {last}, $line);
            """,
            "$line"
        );
        command.Parameters[0].Value = stub.Bytes.ToArray();
        command.ExecuteNonQuery();
        _hasDropped = true;
    }

    /// <summary>Gives pages that nothing uses back to the file system.</summary>
    public void Tidy()
    {
        if (!_hasDropped)
        {
            return;
        }

        _hasDropped = false;
        try
        {
            using SqliteCommand command = Command("PRAGMA incremental_vacuum(4096)");
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                // One row for each page.
            }
        }
        catch (SqliteException)
        {
            // The pages stay free for later records.
        }
    }

    /// <inheritdoc/>
    public IEnumerable<ILedgerStore> Abandoned() => [];

    /// <inheritdoc/>
    public Exception Explain(Exception error) =>
        error is SqliteException wrong ? SqliteFile.Explain(_path, wrong) : error;

    /// <inheritdoc/>
    public LedgerException Damaged(string why, Exception? inner) => SqliteFile.Damaged(_path, why, inner);

    /// <inheritdoc/>
    public LedgerException SignedByAnother(string signer, string key) =>
        new(
            $"the ledger {_path} is signed by key {signer}, and not by key {key}: "
                + "give the old key as the previous one, or move the ledger away to begin a new one"
        );

    /// <summary>Moves all that was written into the file itself, and lets go of it.</summary>
    public void Dispose()
    {
        try
        {
            Scalar("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // Whoever opens it next does it.
        }

        _find.Dispose();
        _addRecord.Dispose();
        _addHead.Dispose();
        _addTotal.Dispose();
        _connection.Dispose();
        _lock.Dispose();
    }

    private static FileStream Lock(string path)
    {
        try
        {
            var held = new FileStream(path + ".lock", Private(FileMode.OpenOrCreate));
            if (!File.Exists(path))
            {
                // SQLite gives its side files the rights of this one.
                using var made = new FileStream(path, Private(FileMode.CreateNew));
            }

            return held;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LedgerException($"the ledger {path} is in use or cannot be made: {error.Message}", error);
        }
    }

    private static FileStreamOptions Private(FileMode mode) =>
        new()
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };

    private long Pragma(string name) => (long)Scalar($"PRAGMA {name}")!;

    private object? Scalar(string text)
    {
        using SqliteCommand command = Command(text);
        object? value = command.ExecuteScalar();
        return value is DBNull ? null : value;
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // all that is put into a text is a number of ours
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (string parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        return command;
    }
}
