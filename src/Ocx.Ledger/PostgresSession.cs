using System.Buffers.Binary;
using System.Data;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Ocx.Ledger;

/// <summary>
/// The connection that writes a chain, and holds its lock: the server lets go of that when the connection ends, however
/// it ends. For one thread.
/// </summary>
internal sealed class PostgresSession : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly PostgresDatabase _database;
    private readonly string _chain;
    private readonly Action<string> _warn;
    private NpgsqlConnection _connection;
    private bool _wasLost;

    private PostgresSession(
        PostgresDatabase database,
        string chain,
        Action<string> warn,
        NpgsqlConnection connection
    ) => (_database, _chain, _warn, _connection) = (database, chain, warn, connection);

    /// <summary>The connection; it changes when it is made again.</summary>
    public NpgsqlConnection Connection => _connection;

    /// <summary>What it is a connection to.</summary>
    public PostgresDatabase Database => _database;

    /// <summary>Connects, makes missing tables, and waits until nobody else writes the chain.</summary>
    /// <exception cref="LedgerException">The database cannot be used.</exception>
    public static PostgresSession Open(
        PostgresDatabase database,
        string chain,
        Action<string> warn,
        CancellationToken cancellation
    )
    {
        NpgsqlConnection connection = database.OpenForWriting();
        try
        {
            PostgresSchema.Prepare(connection);
            var session = new PostgresSession(database, chain, warn, connection);
            if (!session.TryLock(chain, s_patience))
            {
                warn($"the chain {chain} is written by {session.Holder()}; waiting until that ends");
                while (!session.TryLock(chain, s_patience))
                {
                    cancellation.ThrowIfCancellationRequested();
                }

                warn($"the chain {chain} is free now");
            }

            return session;
        }
        catch (Exception error)
        {
            connection.Dispose();
            throw database.Explain(error);
        }
    }

    /// <summary>Makes the connection again when it was lost.</summary>
    /// <returns>True when it was made again.</returns>
    /// <exception cref="LedgerException">It cannot be made now.</exception>
    public bool Renew()
    {
        if (_connection.State == ConnectionState.Open)
        {
            return false;
        }

        if (!_wasLost)
        {
            _wasLost = true;
            _warn($"the connection that writes the chain {_chain} was lost; it is made again");
        }

        _connection.Dispose();
        _connection = _database.OpenForWriting();
        try
        {
            if (!TryLock(_chain, s_patience))
            {
                throw new LedgerException(
                    $"the chain {_chain} is written by {Holder()}: "
                        + "give each replica a name of its own, or wait until the server ends the lost connection"
                );
            }
        }
        catch
        {
            _connection.Dispose();
            throw;
        }

        _wasLost = false;
        _warn($"the connection that writes the chain {_chain} is there again");
        return true;
    }

    /// <summary>Takes the lock of a chain when it is free, or gets so.</summary>
    public bool TryLock(string chain, TimeSpan patience)
    {
        using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", _connection)
        {
            Parameters = { new() { Value = LockOf(chain) } },
        };
        for (TimeSpan waited = TimeSpan.Zero; ; waited += s_pause)
        {
            if ((bool)command.ExecuteScalar()!)
            {
                return true;
            }

            if (waited >= patience)
            {
                return false;
            }

            Thread.Sleep(s_pause);
        }
    }

    /// <summary>Lets go of a lock.</summary>
    public void Unlock(string chain)
    {
        using var command = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", _connection)
        {
            Parameters = { new() { Value = LockOf(chain) } },
        };
        command.ExecuteScalar();
    }

    public void Dispose() => _connection.Dispose();

    // Two chains of one number would keep each other from being written, and nothing worse.
    private static long LockOf(string chain) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes($"ocx-tap ledger chain {chain}")));

    private string Holder()
    {
        long number = LockOf(_chain);
        using var command = new NpgsqlCommand(
            """
            SELECT format('session %s of %s at %s', pid, application_name, coalesce(host(client_addr), 'this machine'))
            FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND granted AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 1
            """,
            _connection
        )
        {
            Parameters =
            {
                new() { Value = number >>> 32 },
                new() { Value = number & uint.MaxValue },
            },
        };
        return command.ExecuteScalar() as string ?? "another session";
    }
}
