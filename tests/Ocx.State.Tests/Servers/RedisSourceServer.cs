using System.Net;
using System.Text;
using Ocx.State.Clones;
using Ocx.State.Processes;
using Ocx.State.Redis;

namespace Ocx.State.Tests.Servers;

/// <summary>A Redis server that is cloned, with a user that replicates.</summary>
internal sealed class RedisSourceServer : IAsyncDisposable
{
    private const string Password = "of the source";

    private readonly string _folder;
    private readonly ReservedPort _port = new(IPAddress.Loopback);
    private readonly Programs _programs;
    private OwnedProcess? _process;

    private RedisSourceServer(Programs programs) => (_programs, _folder) = (programs, programs.NewFolder());

    public RedisSource Source =>
        new()
        {
            Name = "sessions",
            Host = "127.0.0.1",
            Port = _port.Port,
            User = "replicator",
            Password = Password,
            Program = _programs.Redis,
        };

    public static async Task<RedisSourceServer> StartAsync(
        Programs programs,
        string rights = "+psync +replconf +ping +info"
    )
    {
        var server = new RedisSourceServer(programs);
        File.WriteAllText(
            Path.Combine(server._folder, "redis.conf"),
            $"""
            bind 127.0.0.1
            port {server._port.Port}
            unixsocket {server._folder}/r.sock
            dir {server._folder}
            save ""
            repl-diskless-sync-delay 0
            user default on nopass ~* &* +@all
            user replicator on ">{Password}" {rights}

            """
        );
        server._process = await OwnedProcess.StartAsync(
            programs.Redis,
            [Path.Combine(server._folder, "redis.conf")],
            server._folder,
            RunAs.Default,
            "KILL"
        );
        await Eventually.TrueAsync(() =>
        {
            Assert.False(server._process.HasEnded, server._process.Output);
            return File.Exists(Path.Combine(server._folder, "r.sock"));
        });
        return server;
    }

    public async Task<RespConnection> ConnectAsync() =>
        await RespConnection.ConnectAsync("127.0.0.1", _port.Port, TestContext.Current.CancellationToken);

    public async Task ExecuteAsync(params string[][] commands)
    {
        using RespConnection connection = await ConnectAsync();
        foreach (string[] command in commands)
        {
            await connection.AskAsync(TestContext.Current.CancellationToken, command);
        }
    }

    /// <summary>All keys of the first databases: their values' digest and when they expire.</summary>
    public async Task<SortedDictionary<string, string>> DumpAsync()
    {
        using RespConnection connection = await RespConnection.ConnectAsync(
            Path.Combine(_folder, "r.sock"),
            TestContext.Current.CancellationToken
        );
        return await DumpAsync(connection, "DUMP");
    }

    /// <summary>All keys that a connection sees: what a command says of each, and when they expire.</summary>
    public static async Task<SortedDictionary<string, string>> DumpAsync(
        RespConnection connection,
        params string[] command
    )
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        var dump = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (int database = 0; database < 4; database++)
        {
            await connection.AskAsync(ct, "SELECT", $"{database}");
            foreach (RespValue key in (await connection.AskAsync(ct, "KEYS", "*")).Items!)
            {
                RespValue[] answers = await connection.AskAllAsync(
                    [
                        [.. command.Select(Encoding.ASCII.GetBytes), key.Bytes!],
                        ["PEXPIRETIME"u8.ToArray(), key.Bytes!],
                    ],
                    ct
                );
                RespValue value = answers[0].Items is [var only] ? only : answers[0];
                dump[$"{database}:{key.Text}"] = $"{value.Text} {answers[1].Number}";
            }
        }

        return dump;
    }

    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
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

    /// <summary>A shadow's connection to a clone.</summary>
    public static async Task<RespConnection> ConnectAsync(CloneAddress at)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        RespConnection connection = await RespConnection.ConnectAsync(at.Address.ToString(), at.Port, ct);
        await connection.AskAsync(ct, "AUTH", at.Role, at.Password);
        return connection;
    }
}
