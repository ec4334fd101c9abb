using Npgsql;
using Ocx.State.Clones;

namespace Ocx.State.Postgres;

/// <summary>
/// This program's session in a clone, as a superuser. The name of one is not known before: mostly <c>postgres</c>, else
/// the role that replicates, which the copy has too, is asked for it.
/// </summary>
internal static class SuperuserSession
{
    /// <summary>Opens a session in the shadow's database.</summary>
    /// <exception cref="CloneException">There is no such database, or no way in.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(
        PostgresSource source,
        string sockets,
        int port,
        TimeSpan timeout,
        CancellationToken cancellation
    )
    {
        try
        {
            NpgsqlConnection session = await ConnectAsync("postgres", source.Database).ConfigureAwait(false);
            if (await IsSuperuserAsync(session).ConfigureAwait(false))
            {
                return session;
            }

            await session.DisposeAsync().ConfigureAwait(false);
        }
        catch (PostgresException error) when (error.SqlState is "28000" or "42501")
        {
            // No such role, or one that may not connect.
        }
        catch (PostgresException error) when (error.SqlState == "3D000")
        {
            throw new CloneException(CloneFailure.RoleMissing, $"{source.Name}: {error.MessageText}", error);
        }

        return await ConnectAsync(await SuperuserAsync().ConfigureAwait(false), source.Database).ConfigureAwait(false);

        async Task<NpgsqlConnection> ConnectAsync(string role, string database)
        {
            var connection = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder
                {
                    Host = sockets,
                    Port = port,
                    Username = role,
                    Database = database,
                    SslMode = SslMode.Disable,
                    Pooling = false,
                    ApplicationName = "ocx-clone",
                    Timeout = (int)Math.Max(1, timeout.TotalSeconds),
                    CommandTimeout = (int)Math.Max(1, timeout.TotalSeconds),

                    // No trigger of the source's runs for what is done here.
                    Options =
                        "-c search_path=pg_catalog -c synchronous_commit=on -c row_security=off "
                        + "-c default_transaction_read_only=off -c default_transaction_isolation=read\\ committed "
                        + "-c statement_timeout=0 -c lock_timeout=0",
                }.ConnectionString
            );
            try
            {
                await connection.OpenAsync(cancellation).ConfigureAwait(false);
                return connection;
            }
            catch
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }

        async Task<bool> IsSuperuserAsync(NpgsqlConnection session)
        {
            await using var ask = new NpgsqlCommand(
                "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user",
                session
            );
            return await ask.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is true;
        }

        async Task<string> SuperuserAsync()
        {
            Exception? last = null;
            foreach (string database in new[] { source.Database, "postgres", "template1" })
            {
                try
                {
                    await using NpgsqlConnection session = await ConnectAsync(source.Role, database)
                        .ConfigureAwait(false);
                    await using var ask = new NpgsqlCommand(
                        "SELECT rolname FROM pg_catalog.pg_roles WHERE rolsuper AND rolcanlogin ORDER BY oid LIMIT 1",
                        session
                    );
                    if (await ask.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is string superuser)
                    {
                        return superuser;
                    }
                }
                catch (PostgresException error)
                {
                    last = error;
                }
            }

            throw new CloneException(
                CloneFailure.MissingPrivilege,
                $"{source.Name}: the role {source.Role} may connect to no database of it, to find a superuser's name",
                last
            );
        }
    }
}
