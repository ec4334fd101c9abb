using System.Net.Sockets;
using Npgsql;

namespace Ocx.Ledger;

/// <summary>How a database is connected to, and what is said when that fails: never the password.</summary>
internal sealed class PostgresDatabase(Func<string> connectionString, string application)
{
    private const int UsualTimeout = 15;

    private string _place = "PostgreSQL";

    /// <summary>Connects for writing. The connection is not shared: a lock belongs to it.</summary>
    /// <exception cref="LedgerException">It cannot be connected to.</exception>
    public NpgsqlConnection OpenForWriting()
    {
        NpgsqlConnectionStringBuilder settings = Settings();
        settings.Pooling = false;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            connection.Open();

            // A machine that is gone must not hold a lock for hours, nor a process that stands still hold rows. What is
            // acknowledged must be on the disk, whatever the database's own setting. What is first or last in a chain
            // is found by an index, also before the server has statistics.
            using var command = new NpgsqlCommand(
                """
                SET tcp_keepalives_idle = 10;
                SET tcp_keepalives_interval = 5;
                SET tcp_keepalives_count = 3;
                SET tcp_user_timeout = 25000;
                SET idle_in_transaction_session_timeout = 60000;
                SET enable_sort = off;
                SET enable_bitmapscan = off;
                SELECT set_config('synchronous_commit', 'on', false)
                WHERE current_setting('synchronous_commit') IN ('off', 'local');
                """,
                connection
            );
            command.ExecuteNonQuery();
            return connection;
        }
        catch (Exception error)
        {
            connection.Dispose();
            throw Explain(error);
        }
    }

    /// <summary>Connects for reading; connections are shared.</summary>
    /// <exception cref="LedgerException">It cannot be connected to.</exception>
    public async Task<NpgsqlConnection> OpenForReadingAsync(CancellationToken cancellation)
    {
        NpgsqlConnectionStringBuilder settings = Settings();
        settings.MaxPoolSize = 8;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch (Exception error)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw Explain(error);
        }
    }

    /// <summary>Says what PostgreSQL, or the way to it, says in the words of a ledger.</summary>
    public Exception Explain(Exception error) =>
        error switch
        {
            PostgresException refusal => new LedgerException($"{_place}: {Words(refusal)}", refusal),
            NpgsqlException { InnerException: SocketException or IOException or TimeoutException } away =>
                new LedgerException($"{_place} cannot be reached, or is gone: {away.InnerException!.Message}", away),
            NpgsqlException wrong => new LedgerException($"{_place} cannot be used: {wrong.Message}", wrong),
            TimeoutException or InvalidOperationException or IOException or SocketException => new LedgerException(
                $"{_place} cannot be used: {error.Message}",
                error
            ),
            _ => error,
        };

    /// <summary>Says that what is stored is not as it was written.</summary>
    public LedgerException Damaged(string chain, string why, Exception? inner) =>
        new($"the chain {chain} in {_place} is damaged ({why}): restore the database", inner!);

    private static string Words(PostgresException refusal) =>
        refusal.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                $"{refusal.MessageText}: look at user and password of the connection string, and at pg_hba.conf",
            PostgresErrorCodes.InvalidCatalogName => $"{refusal.MessageText}: make it with CREATE DATABASE",
            PostgresErrorCodes.InsufficientPrivilege =>
                $"{refusal.MessageText}: GRANT the role what docs/audit.md lists, or let it own the database",
            PostgresErrorCodes.ReadOnlySqlTransaction =>
                $"{refusal.MessageText}: connect to the primary, with a role that may write",
            PostgresErrorCodes.TooManyConnections => $"{refusal.MessageText}: each replica needs up to 9 connections",
            PostgresErrorCodes.DiskFull => $"{refusal.MessageText}: the server's disk is full",
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn =>
                $"{refusal.MessageText}: tables of the ledger are missing; restore the database",
            _ => $"{refusal.MessageText} ({refusal.SqlState})",
        };

    /// <summary>The connection string as it is used.</summary>
    /// <exception cref="LedgerException">It is none.</exception>
    public NpgsqlConnectionStringBuilder Settings()
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString().Trim());
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or KeyNotFoundException)
        {
            // What is wrong with it may be a piece of the password: it is not told.
            throw NoConnectionString();
        }

        if (string.IsNullOrEmpty(settings.Host))
        {
            throw NoConnectionString();
        }

        _place = $"PostgreSQL at {settings.Host}:{settings.Port}, database {settings.Database ?? settings.Username}";
        settings.ApplicationName ??= application;
        settings.IncludeErrorDetail = false;
        settings.Enlist = false;
        if (!settings.ShouldSerialize("Gss Encryption Mode"))
        {
            // Else each connection looks for Kerberos' library, and complains on standard error where there is none.
            settings.GssEncryptionMode = GssEncryptionMode.Disable;
        }

        settings.Timeout = settings.Timeout == UsualTimeout ? 5 : settings.Timeout;
        return settings;
    }

    private static LedgerException NoConnectionString() =>
        new("the connection string of PostgreSQL is none: want Host=…;Database=…;Username=…;Password=…");
}
