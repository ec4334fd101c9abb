using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Ocx.State.Clones;
using Ocx.State.Processes;

namespace Ocx.State.Redis;

/// <summary>
/// A Redis server of a clone's, and this program's own connection to it. It keeps all in memory, and runs nothing but
/// what is asked of it.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    /// <summary>The user that this program works as, with all rights.</summary>
    public const string Administrator = "ocx";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly OwnedProcess _process;
    private readonly ReservedPort? _port;
    private readonly string _folder;

    private RedisServer(
        OwnedProcess process,
        ReservedPort? port,
        string folder,
        string secret,
        RespConnection connection
    )
    {
        (_process, _port, _folder) = (process, port, folder);
        (Secret, Connection) = (secret, connection);
    }

    /// <summary>This program's own connection.</summary>
    public RespConnection Connection { get; }

    /// <summary>The administrator's password.</summary>
    public string Secret { get; }

    /// <summary>Its port; 0 when it listens on its socket alone.</summary>
    public int Port => _port?.Port ?? 0;

    /// <summary>The end of its log.</summary>
    public string Output => _process.Output;

    /// <summary>True when it has ended.</summary>
    public bool HasEnded => _process.HasEnded;

    /// <summary>Starts one, and waits until it answers.</summary>
    /// <param name="source">Whose clone it is a part of.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="user">Whom it runs as.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="shadowPassword">The shadow's password; null where none comes here.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CloneException">It does not run.</exception>
    public static async Task<RedisServer> StartAsync(
        RedisSource source,
        string folder,
        RunAs user,
        CloneLimits limits,
        string? shadowPassword,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(limits.AnswerTimeout);
        user.MakeFolder(folder);
        ReservedPort? port = shadowPassword is null ? null : new ReservedPort(limits.Listen);
        string secret = RandomNumberGenerator.GetHexString(32, lowercase: true);
        string settings = Path.Combine(folder, "redis.conf");
        user.WriteFile(
            settings,
            string.Join('\n', Settings(folder, limits, port?.Port ?? 0)) + "\n" + Users(source, secret, shadowPassword)
        );
        OwnedProcess? process = null;
        try
        {
            process = await OwnedProcess
                .StartAsync(source.Program, [settings], folder, user, "KILL")
                .ConfigureAwait(false);
            while (true)
            {
                if (await TryConnectAsync(folder, secret, limit.Token).ConfigureAwait(false) is { } connection)
                {
                    return new RedisServer(process, port, folder, secret, connection);
                }

                if (process.HasEnded)
                {
                    throw new CloneException(CloneFailure.CloneDied, $"the clone's server ended: {process.Output}");
                }

                await Task.Delay(s_pause, limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            if (process is not null)
            {
                await process.DisposeAsync().ConfigureAwait(false);
            }

            port?.Dispose();
            throw error switch
            {
                OperationCanceledException when !cancellation.IsCancellationRequested => new CloneException(
                    CloneFailure.TooSlow,
                    $"a clone of {source.Name} did not start"
                ),
                System.ComponentModel.Win32Exception => new CloneException(
                    CloneFailure.VersionNotSupported,
                    $"{source.Program} cannot be started",
                    error
                ),
                _ => error,
            };
        }
    }

    /// <summary>Opens another connection to it.</summary>
    public Task<RespConnection> ConnectAsync(CancellationToken cancellation) =>
        ConnectAsync(_folder, Secret, cancellation);

    /// <summary>Has it follow a server.</summary>
    public async Task FollowAsync(string host, int port, string? user, string? password, CancellationToken cancellation)
    {
        // In its memory alone: a file would keep it.
        await Connection
            .AskAsync(cancellation, "CONFIG", "SET", "masteruser", user ?? "", "masterauth", password ?? "")
            .ConfigureAwait(false);
        await Connection
            .AskAsync(cancellation, "REPLICAOF", host, port.ToString(CultureInfo.InvariantCulture))
            .ConfigureAwait(false);
    }

    /// <summary>Has it follow nobody, and forget how.</summary>
    public async Task CutOffAsync(CancellationToken cancellation)
    {
        await Connection.AskAsync(cancellation, "REPLICAOF", "NO", "ONE").ConfigureAwait(false);
        await Connection
            .AskAsync(cancellation, "CONFIG", "SET", "masteruser", "", "masterauth", "", "repl-timeout", "86400")
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        await _process.DisposeAsync().ConfigureAwait(false);
        _port?.Dispose();
    }

    private static async Task<RespConnection?> TryConnectAsync(
        string folder,
        string secret,
        CancellationToken cancellation
    )
    {
        try
        {
            return await ConnectAsync(folder, secret, cancellation).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return null; // not yet
        }
    }

    private static async Task<RespConnection> ConnectAsync(string folder, string secret, CancellationToken cancellation)
    {
        RespConnection connection = await RespConnection
            .ConnectAsync(Path.Combine(folder, "r.sock"), cancellation)
            .ConfigureAwait(false);
        try
        {
            await connection.AskAsync(cancellation, "AUTH", Administrator, secret).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static IEnumerable<string> Settings(string folder, CloneLimits limits, int port) =>
        [
            $"dir \"{folder}\"",
            $"unixsocket \"{Path.Combine(folder, "r.sock")}\"",
            "unixsocketperm 700",
            $"bind {limits.Listen}",
            string.Create(CultureInfo.InvariantCulture, $"port {port}"),
            "protected-mode no", // users and passwords protect it
            "daemonize no",
            "save \"\"",
            "appendonly no",
            "loglevel warning",
            "databases 1024", // how many the source has is not told
            string.Create(CultureInfo.InvariantCulture, $"maxmemory {limits.MaxBytes}"),
            "maxmemory-policy noeviction",
            "repl-diskless-sync yes",
            "repl-diskless-sync-delay 0",
            "repl-diskless-load on-empty-db",
            "sanitize-dump-payload yes",
            "enable-debug-command local", // DEBUG DIGEST-VALUE; the shadow has no right to DEBUG
        ];

    // The shadow: all that works on data. Not what reaches out, reads the configuration or ends the server.
    private static string Users(RedisSource source, string secret, string? shadowPassword) =>
        (source.ShadowUser == "default" && shadowPassword is not null ? "" : "user default off nopass nocommands\n")
        + $"user {Administrator} on >{secret} ~* &* +@all\n"
        + (
            shadowPassword is null
                ? ""
                : $"user {source.ShadowUser} on >{shadowPassword} ~* &* +@all -@admin -migrate -debug\n"
        );
}
