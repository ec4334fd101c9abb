using Microsoft.Data.Sqlite;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>The file and its tables, as the one writer uses them.</summary>
internal sealed class LedgerDatabase : IDisposable
{
    private readonly FileStream _lock;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _find;
    private readonly SqliteCommand _addRecord;
    private readonly SqliteCommand _addHead;

    private LedgerDatabase(FileStream @lock, SqliteConnection connection, string chain)
    {
        (_lock, _connection, Chain) = (@lock, connection, chain);
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
    }

    /// <summary>The chain's name.</summary>
    public string Chain { get; }

    /// <summary>Bytes in use.</summary>
    public long Bytes => (Pragma("page_count") - Pragma("freelist_count")) * Pragma("page_size");

    /// <exception cref="LedgerException">It is none, is damaged, or another process writes it.</exception>
    public static LedgerDatabase Open(string path, string writer)
    {
        FileStream? exclusive = null;
        SqliteConnection? connection = null;
        try
        {
            exclusive = Lock(path);
            connection = LedgerFile.Open(path, SqliteOpenMode.ReadWrite);
            string chain = LedgerFile.Prepare(connection, path, writer);
            return new LedgerDatabase(exclusive, connection, chain);
        }
        catch (Exception error)
        {
            connection?.Dispose();
            exclusive?.Dispose();
            if (error is SqliteException wrong)
            {
                throw LedgerFile.Explain(path, wrong);
            }

            throw;
        }
    }

    /// <summary>Writes in one transaction. When this comes back, all of it is on the disk; else nothing.</summary>
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

    /// <summary>The line of a call's record; null when there is none.</summary>
    public byte[]? Find(string call)
    {
        _find.Parameters[0].Value = call;
        return (byte[]?)_find.ExecuteScalar();
    }

    public void AddRecord(LedgerLine line, LedgerEntry entry)
    {
        _addRecord.Parameters[0].Value = line.Position.Sequence;
        _addRecord.Parameters[1].Value = entry.Intent.Key;
        _addRecord.Parameters[2].Value = entry.Time.ToUnixTimeMilliseconds();
        _addRecord.Parameters[3].Value = line.Bytes.ToArray();
        _addRecord.ExecuteNonQuery();
    }

    public void AddHead(LedgerLine line, bool introduces)
    {
        _addHead.Parameters[0].Value = line.Position.Sequence;
        _addHead.Parameters[1].Value = introduces;
        _addHead.Parameters[2].Value = line.Bytes.ToArray();
        _addHead.ExecuteNonQuery();
    }

    /// <summary>The line of the record with this number; null when there is none.</summary>
    public byte[]? Record(long sequence) => (byte[]?)Scalar($"SELECT line FROM records WHERE sequence = {sequence}");

    /// <summary>The last record's line; null when there is none.</summary>
    public byte[]? LastRecord() => (byte[]?)Scalar("SELECT line FROM records ORDER BY sequence DESC LIMIT 1");

    /// <summary>The last head's line; null when there is none.</summary>
    public byte[]? LastHead() => (byte[]?)Scalar("SELECT line FROM heads ORDER BY id DESC LIMIT 1");

    /// <summary>The stub's line; null when there is none.</summary>
    public byte[]? Stub() => (byte[]?)Scalar("SELECT line FROM stub");

    /// <summary>
    /// The last of the first <paramref name="most"/> records that are older than a time, one after the other; 0 when
    /// there is none.
    /// </summary>
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

    /// <summary>The last of the first <paramref name="most"/> records; 0 when there is none.</summary>
    public long Oldest(int most) =>
        Scalar($"SELECT max(sequence) FROM (SELECT sequence FROM records ORDER BY sequence LIMIT {most})")
            is long sequence
            ? sequence
            : 0;

    /// <summary>Drops the records up to the one that a stub stands for.</summary>
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
    }

    /// <summary>Gives pages that nothing uses back to the file system.</summary>
    public void Shrink()
    {
        using SqliteCommand command = Command("PRAGMA incremental_vacuum(4096)");
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            // One row for each page.
        }
    }

    /// <summary>Moves all that was written into the file itself.</summary>
    public void Checkpoint() => Scalar("PRAGMA wal_checkpoint(TRUNCATE)");

    public void Dispose()
    {
        _find.Dispose();
        _addRecord.Dispose();
        _addHead.Dispose();
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
