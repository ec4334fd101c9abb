using System.Data;
using Npgsql;

namespace Ocx.Ledger;

/// <summary>The tables, and how they come to be. They have a schema of their own, <c>ocx_ledger</c>.</summary>
internal static class PostgresSchema
{
    // The number of a lock that no chain can have by chance: those are hashes.
    private const long MigrationLock = 0x6f63786c;

    // Each makes one version of the one before. What was published is never changed.
    private static readonly string[] s_versions =
    [
        """
            CREATE SCHEMA IF NOT EXISTS ocx_ledger;
            CREATE TABLE ocx_ledger.version (number integer NOT NULL);
            INSERT INTO ocx_ledger.version VALUES (0);
            CREATE TABLE ocx_ledger.chains (
                name text COLLATE "C" PRIMARY KEY,
                bytes bigint NOT NULL
            );
            CREATE TABLE ocx_ledger.records (
                chain text COLLATE "C" NOT NULL,
                sequence bigint NOT NULL,
                call text COLLATE "C" NOT NULL,
                time bigint NOT NULL,
                line bytea NOT NULL,
                CONSTRAINT records_by_sequence PRIMARY KEY (chain, sequence),
                CONSTRAINT records_by_call UNIQUE (call)
            );
            CREATE TABLE ocx_ledger.heads (
                chain text COLLATE "C" NOT NULL,
                id bigint GENERATED ALWAYS AS IDENTITY,
                sequence bigint NOT NULL,
                introduces boolean NOT NULL,
                line bytea NOT NULL,
                PRIMARY KEY (chain, id)
            );
            CREATE TABLE ocx_ledger.stubs (
                chain text COLLATE "C" PRIMARY KEY,
                sequence bigint NOT NULL,
                line bytea NOT NULL
            );
            CREATE TABLE ocx_ledger.totals (
                chain text COLLATE "C" NOT NULL,
                namespace text COLLATE "C" NOT NULL,
                audit text COLLATE "C" NOT NULL,
                kind integer NOT NULL,
                detail text COLLATE "C" NOT NULL,
                count bigint NOT NULL,
                PRIMARY KEY (chain, namespace, audit, kind, detail)
            );
            """,
    ];

    /// <summary>Makes the tables, or brings them up to date; for any number of processes at once.</summary>
    /// <exception cref="LedgerException">They were made by a later version of this program.</exception>
    public static void Prepare(NpgsqlConnection connection)
    {
        if (Look(connection) == s_versions.Length)
        {
            return;
        }

        // Taken before the transaction begins: it does not see all that was made since it began.
        Run(connection, $"SELECT pg_advisory_lock({MigrationLock})");
        try
        {
            using NpgsqlTransaction transaction = connection.BeginTransaction();
            for (int version = Look(connection); version < s_versions.Length; version++)
            {
                Run(connection, s_versions[version]);
            }

            Run(connection, $"UPDATE ocx_ledger.version SET number = {s_versions.Length}");
            transaction.Commit();
        }
        finally
        {
            if (connection.State == ConnectionState.Open)
            {
                Run(connection, $"SELECT pg_advisory_unlock({MigrationLock})");
            }
        }
    }

    private static int Look(NpgsqlConnection connection)
    {
        using NpgsqlCommand exists = new("SELECT to_regclass('ocx_ledger.version') IS NOT NULL", connection);
        if (!(bool)exists.ExecuteScalar()!)
        {
            return 0;
        }

        using NpgsqlCommand number = new("SELECT max(number) FROM ocx_ledger.version", connection);
        int version = number.ExecuteScalar() as int? ?? 0;
        return version <= s_versions.Length
            ? version
            : throw new LedgerException(
                $"the ledger's tables are of version {version}, which this program does not know: use a later one"
            );
    }

    private static void Run(NpgsqlConnection connection, string text)
    {
#pragma warning disable CA2100 // constants of this file
        using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
