using System.Globalization;
using System.Net;
using Npgsql;
using Ocx.State.Postgres;
using Ocx.State.Processes;

namespace Ocx.State.Tests.Servers;

/// <summary>A PostgreSQL server that is cloned, with a role that replicates and one that the shadow works as.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Setup = """
        CREATE ROLE replicator LOGIN REPLICATION PASSWORD 'the source''s own: a \secret';
        CREATE ROLE shop LOGIN PASSWORD 'of the real server';
        """;

    private const string Rewinding = """
        GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text, boolean, boolean) TO replicator;
        GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_file(text, boolean) TO replicator;
        GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text) TO replicator;
        GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO replicator;
        """;

    private readonly Programs _programs;
    private readonly string _folder;
    private readonly ReservedPort _port = new(IPAddress.Loopback);
    private OwnedProcess? _process;

    private PostgresServer(Programs programs) => (_programs, _folder) = (programs, programs.NewFolder());

    public PostgresSource Source =>
        new()
        {
            Name = "orders",
            Host = "127.0.0.1",
            Port = _port.Port,
            Role = "replicator",
            Password = @"the source's own: a \secret",
            Database = "shop",
            ShadowRole = "shop",
            SslMode = SslMode.Disable,
            Programs = _programs.Postgres,
        };

    public string Data => Path.Combine(_folder, "data");

    /// <summary>Starts one, with what the test adds to its settings and its access rules.</summary>
    public static async Task<PostgresServer> StartAsync(
        Programs programs,
        string settings = "",
        string access = "host replication replicator 127.0.0.1/32 scram-sha-256\n",
        bool mayRewind = true
    )
    {
        var server = new PostgresServer(programs);
        try
        {
            Programs.Run("cp", "-a", programs.Template, server.Data);
            File.AppendAllText(
                Path.Combine(server.Data, "postgresql.conf"),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"""

                    listen_addresses = '127.0.0.1'
                    port = {server._port.Port}
                    unix_socket_directories = '{server._folder}'
                    fsync = off
                    wal_writer_delay = 10ms
                    shared_buffers = 64MB
                    jit = off
                    archive_mode = off
                    archive_command = 'touch {server._folder}/the-source-ran-this'
                    {settings}

                    """
                )
            );
            File.WriteAllText(
                Path.Combine(server.Data, "pg_hba.conf"),
                "local all all trust\nhost all replicator 127.0.0.1/32 scram-sha-256\n" + access
            );
            await server.RestartAsync();
            server.Execute(Setup, "postgres");
            server.Execute("CREATE DATABASE shop OWNER shop", "postgres");
            server.Execute(mayRewind ? Rewinding : "SELECT");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, or starts it again.</summary>
    public async Task RestartAsync()
    {
        _process = await OwnedProcess.StartAsync(
            Path.Combine(string.Format(CultureInfo.InvariantCulture, _programs.Postgres, 15), "postgres"),
            ["-D", Data],
            _folder,
            RunAs.Default,
            "QUIT"
        );
        await Eventually.TrueAsync(() =>
        {
            Assert.False(_process.HasEnded, _process.Output);
            try
            {
                Execute("SELECT", "postgres");
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
    }

    /// <summary>Kills it, as a machine that loses its power does.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        SharedMemory.Remove(Data, RunAs.Default);
        File.Delete(Path.Combine(Data, "postmaster.pid"));
        _process = null;
    }

    /// <summary>A superuser's connection string.</summary>
    public string Administrator(string database = "shop") =>
        new NpgsqlConnectionStringBuilder
        {
            Host = _folder,
            Port = _port.Port,
            Database = database,
            Username = "postgres",
            Pooling = false,
        }.ConnectionString;

    public void Execute(string text, string database = "shop") => Sql.Execute(Administrator(database), text);

    /// <summary>All that it holds, as text.</summary>
    public string Dump() => Dump(_programs, _folder, _port.Port, "postgres", "");

    /// <summary>
    /// All that a database of a server holds, as text: without the words that differ from dump to dump.
    /// </summary>
    public static string Dump(Programs programs, string host, int port, string role, string password)
    {
        string dump = Programs.Run(
            "env",
            $"PGPASSWORD={password}",
            Path.Combine(string.Format(CultureInfo.InvariantCulture, programs.Postgres, 15), "pg_dump"),
            $"--dbname=host='{host}' port={port} user={role} dbname=shop"
        );
        return string.Join(
            '\n',
            dump.Split('\n').Where(line => !line.StartsWith("\\restrict") && !line.StartsWith("\\unrestrict"))
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _port.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
