using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>How the file is opened, and what it must be.</summary>
internal static class SqliteFile
{
    private const long ApplicationId = 0x6f63786c; // "ocxl", in the file's header
    private const long SchemaVersion = 2;
    private const long WithoutTotals = 1;
    private const int LongestWriter = 40;

    private const string Totals = """
        CREATE TABLE totals (
            namespace TEXT NOT NULL,
            audit TEXT NOT NULL,
            kind INTEGER NOT NULL,
            detail TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (namespace, audit, kind, detail)
        ) STRICT, WITHOUT ROWID;
        """;

    // As SQLite numbers them.
    private const int Full = 13,
        Corrupt = 11,
        NotADatabase = 26,
        CannotOpen = 14;

    public static SqliteConnection Open(string path, SqliteOpenMode mode, bool isPooled = false)
    {
        SqliteConnection connection = Connection(path, mode, isPooled);
        try
        {
            connection.Open();
            Run(connection, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Closes the connections of a pool.</summary>
    public static void ClearPool(string path, SqliteOpenMode mode)
    {
        using SqliteConnection connection = Connection(path, mode, isPooled: true);
        SqliteConnection.ClearPool(connection);
    }

    private static SqliteConnection Connection(string path, SqliteOpenMode mode, bool isPooled) =>
        new(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = mode,
                Pooling = isPooled,
            }.ToString()
        );

    /// <summary>Makes the tables where the file is new; else looks at what is there.</summary>
    /// <returns>The chain's name.</returns>
    /// <exception cref="LedgerException">It is no ledger, or a damaged one.</exception>
    public static string Prepare(SqliteConnection connection, string path, string writer)
    {
        bool isNew = (long)Scalar(connection, "SELECT count(*) FROM sqlite_schema")! == 0;
        if (isNew)
        {
            // What is acknowledged must be on the disk: FULL has each commit wait for that.
            Run(connection, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            Create(connection, writer);
        }
        else
        {
            if (Look(connection, path) == WithoutTotals)
            {
                Run(connection, $"BEGIN IMMEDIATE; {Totals} PRAGMA user_version = 2; COMMIT;");
            }

            Run(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
        }

        Run(connection, "PRAGMA journal_size_limit = 67108864;");
        return Chain(connection, path);
    }

    /// <summary>Is the file a ledger?</summary>
    /// <returns>The version of its tables.</returns>
    /// <exception cref="LedgerException">It is not.</exception>
    public static long Look(SqliteConnection connection, string path)
    {
        if ((long)Scalar(connection, "PRAGMA application_id")! != ApplicationId)
        {
            throw new LedgerException($"{path} is no ledger");
        }

        long version = (long)Scalar(connection, "PRAGMA user_version")!;
        return version is SchemaVersion or WithoutTotals
            ? version
            : throw new LedgerException($"the ledger {path} is of version {version}, which this program does not know");
    }

    /// <summary>Looks through the whole file: some seconds for each gigabyte.</summary>
    /// <exception cref="LedgerException">It is damaged.</exception>
    public static void LookThrough(string path, CancellationToken cancellation)
    {
        try
        {
            using SqliteConnection connection = Open(path, SqliteOpenMode.ReadOnly);
            using CancellationTokenRegistration stop = cancellation.Register(() =>
                SQLitePCL.raw.sqlite3_interrupt(connection.Handle)
            );
            if ((string)Scalar(connection, "PRAGMA quick_check(1)")! is var answer and not "ok")
            {
                cancellation.ThrowIfCancellationRequested();
                throw Damaged(path, answer, null);
            }
        }
        catch (SqliteException error)
        {
            cancellation.ThrowIfCancellationRequested();
            throw Explain(path, error);
        }
    }

    public static string Chain(SqliteConnection connection, string path) =>
        Scalar(connection, "SELECT name FROM chain") is string chain && LedgerLimits.IsChain(chain)
            ? chain
            : throw Damaged(path, "it names no chain", null);

    /// <summary>Says what SQLite says in the words of a ledger.</summary>
    public static LedgerException Explain(string path, SqliteException error) =>
        error.SqliteErrorCode switch
        {
            Corrupt or NotADatabase => Damaged(path, error.Message, error),
            Full => new LedgerException($"the ledger {path} cannot grow: the disk is full", error),
            CannotOpen => new LedgerException($"the ledger {path} cannot be opened: {error.Message}", error),
            _ => new LedgerException($"the ledger {path} cannot be used: {error.Message}", error),
        };

    public static LedgerException Damaged(string path, string why, Exception? inner) =>
        new($"the ledger {path} is damaged ({why}): restore it, or move it away to begin a new one", inner!);

    private static void Create(SqliteConnection connection, string writer)
    {
        string random = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        string chain = $"{writer}-{random}";
        if (writer.Length > LongestWriter || !LedgerLimits.IsChain(chain))
        {
            throw new ArgumentException("no name for a writer", nameof(writer));
        }

        using SqliteTransaction transaction = connection.BeginTransaction();
        using SqliteCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"""
            {Totals}
            CREATE TABLE chain (name TEXT NOT NULL);
            CREATE TABLE records (
                sequence INTEGER PRIMARY KEY,
                call TEXT NOT NULL UNIQUE,
                time INTEGER NOT NULL,
                line BLOB NOT NULL
            ) STRICT;
            CREATE TABLE heads (
                id INTEGER PRIMARY KEY,
                sequence INTEGER NOT NULL,
                introduces INTEGER NOT NULL,
                line BLOB NOT NULL
            ) STRICT;
            CREATE INDEX heads_by_sequence ON heads (sequence, id);
            CREATE TABLE stub (id INTEGER PRIMARY KEY CHECK (id = 1), sequence INTEGER NOT NULL, line BLOB NOT NULL);
            INSERT INTO chain (name) VALUES ($chain);
            PRAGMA application_id = 1868789868;
            PRAGMA user_version = 2;
            """;
        command.Parameters.AddWithValue("$chain", chain);
        command.ExecuteNonQuery();
        transaction.Commit();
    }

    public static void Run(SqliteConnection connection, string pragmas)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = pragmas;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string text)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = text;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
