using System.Diagnostics;
using System.Globalization;
using System.Net;
using Npgsql;

[assembly: AssemblyFixture(typeof(Ocx.Ledger.Tests.PostgresServer))]

namespace Ocx.Ledger.Tests;

/// <summary>
/// A PostgreSQL of Debian's packages, unpacked and not installed, in a folder of its own, on a Unix socket. It refuses
/// to run as root, so root runs it as <c>nobody</c>. One for all tests; those that kill theirs start another.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private const string Password = "correct horse; battery=staple";

    private static int s_databases;

    private readonly Lock _starting = new();
    private DirectoryInfo? _folder;
    private Process? _server;

    /// <summary>The address and port of this machine that it listens on besides; null for its socket alone.</summary>
    public IPEndPoint? Listens { get; init; }

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>Makes a database for a test, and the role that owns it; starts the server at first.</summary>
    /// <returns>The connection string of that role.</returns>
    public string NewDatabase()
    {
        Assert.SkipUnless(
            File.Exists("/usr/bin/apt-get"),
            "PostgreSQL is unpacked from Debian's packages, which this machine has no apt-get for"
        );
        lock (_starting)
        {
            if (_folder is null)
            {
                Make();
                Start();
            }
        }

        string name = $"ledger{Interlocked.Increment(ref s_databases)}";
        string quoted = Password.Replace("'", "''", StringComparison.Ordinal);
        Execute(Administrator(), $"CREATE ROLE {name} LOGIN PASSWORD '{quoted}'");
        Execute(Administrator(), $"CREATE DATABASE {name} OWNER {name}");
        return Listens is { } end
            ? new NpgsqlConnectionStringBuilder(For(name, name))
            {
                Host = $"{end.Address}",
                Port = end.Port,
            }.ConnectionString
            : For(name, name);
    }

    /// <summary>The connection string of a role.</summary>
    public string For(string database, string role, string password = Password) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = _folder!.FullName,
            Port = Port,
            Database = database,
            Username = role,
            Password = password,
        }.ConnectionString;

    /// <summary>The connection string of the one who may do everything.</summary>
    public string Administrator(string database = "postgres") => For(database, "postgres");

    /// <summary>Executes a statement.</summary>
    public static int Execute(string connectionString, string text)
    {
        using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        connection.Open();
#pragma warning disable CA2100 // the tests' own
        using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        return command.ExecuteNonQuery();
    }

    /// <summary>Asks for one value.</summary>
    public static T Ask<T>(string connectionString, string text)
    {
        using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        connection.Open();
#pragma warning disable CA2100 // the tests' own
        using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        return (T)command.ExecuteScalar()!;
    }

    /// <summary>Kills it, as a machine that loses its power does.</summary>
    public void Kill()
    {
        _server!.Kill();
        _server.WaitForExit();
        _server.Dispose();
        _server = null;
    }

    /// <summary>Starts it again; its recovery may take a while.</summary>
    public void Start()
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            _server ??= Launch(
                "postgres",
                [
                    "-D",
                    Data,
                    "-k",
                    _folder!.FullName,
                    "-p",
                    Port.ToString(CultureInfo.InvariantCulture),
                    "-c",
                    $"listen_addresses={Listens?.Address}",
                    "-c",
                    "max_connections=100",
                ]
            );
            try
            {
                Execute(Administrator(), "SELECT 1");
                return;
            }
            catch (NpgsqlException) when (Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2))
            {
                Thread.Sleep(50);
                if (_server.HasExited)
                {
                    _server.Dispose(); // what it was killed from has not ended yet
                    _server = null;
                }
            }
        }
    }

    public void Dispose()
    {
        if (_server is not null)
        {
            Kill();
        }

        // What its processes still write ends when they see that they are alone.
        for (int attempt = 0; _folder is not null; attempt++)
        {
            try
            {
                _folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (attempt < 100)
            {
                Thread.Sleep(50);
            }
        }
    }

    private int Port => Listens?.Port ?? NpgsqlConnection.DefaultPort;

    private string Data => Path.Combine(_folder!.FullName, "data");

    private void Make()
    {
        string packages = Run(
                new ProcessStartInfo(
                    Checkout.PathOf("hack", "unpacked"),
                    [
                        "postgresql-15",
                        "postgresql-client-15",
                        "libpq5",
                        "libldap-2.5-0",
                        "libsasl2-2",
                        "libxml2",
                        "libicu72",
                    ]
                )
            )
            .Trim();
        _folder = Directory.CreateTempSubdirectory("ocx-postgres-");

        // The one who runs it cannot look into the folders of another's home.
        Run(
            new ProcessStartInfo(
                "sh",
                [
                    "-c",
                    """
                    set -e
                    mkdir -p "$2/usr/share" "$2/data"
                    cp -r "$1/usr/lib" "$2/usr/"
                    cp -r "$1/usr/share/postgresql" "$2/usr/share/"
                    printf %s "$3" >"$2/password"
                    if [ "$(id -u)" = 0 ]; then chown -R nobody "$2"; fi
                    """,
                    "sh",
                    packages,
                    _folder.FullName,
                    Password,
                ]
            )
        );
        using Process making = Launch(
            "initdb",
            [
                "-D",
                Data,
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C",
                "--auth=scram-sha-256",
                $"--pwfile={Path.Combine(_folder.FullName, "password")}",
                "--no-sync",
            ]
        );
        making.WaitForExit();
        Assert.True(making.ExitCode == 0, File.ReadAllText(Path.Combine(_folder.FullName, "initdb.log")));
        if (Listens is not null)
        {
            // Whoever reaches that address has to know the password.
            File.AppendAllText(Path.Combine(Data, "pg_hba.conf"), "host all all all scram-sha-256\n");
        }
    }

    private Process Launch(string program, IEnumerable<string> arguments)
    {
        string log = Path.Combine(_folder!.FullName, $"{program}.log");
        string path = Path.Combine(_folder.FullName, "usr", "lib", "postgresql", "15", "bin", program);
        string[] asNobody = IsRoot ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", path] : [path];
        var start = new ProcessStartInfo(
            "sh",
            ["-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", log, .. asNobody, .. arguments]
        )
        {
            WorkingDirectory = _folder.FullName,
        };
        string libraries = Directory.GetDirectories(Path.Combine(_folder.FullName, "usr", "lib"), "*-linux-gnu")[0];
        start.Environment["LD_LIBRARY_PATH"] = libraries;
        return Process.Start(start)!;
    }

    private static string Run(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{start.FileName} ended with {process.ExitCode}: {errors.Result}"
                )
            );
    }
}
