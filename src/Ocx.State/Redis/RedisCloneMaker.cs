using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Ocx.State.Clones;

namespace Ocx.State.Redis;

/// <summary>
/// Makes clones of a Redis server, 6 or later. A clone is two servers: one that the shadow gets, a replica of the
/// source; and one behind it that keeps the state before, to compare with.
/// </summary>
public sealed partial class RedisCloneMaker : CloneMaker
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);
    private static readonly Version s_oldest = new(6, 0);

    private readonly RedisSource _source;
    private readonly CloneFolder _folder;

    /// <summary>Makes none yet.</summary>
    /// <exception cref="ArgumentException">The shadow's user has a name that no access rule can hold.</exception>
    public RedisCloneMaker(RedisSource source, CloneFolder folder, CloneLimits limits)
    {
        if (!PlainName().IsMatch(source.ShadowUser) || source.ShadowUser == RedisServer.Administrator)
        {
            throw new ArgumentException("the shadow's user may have letters, digits, '.', '_' and '-' in its name");
        }

        (_source, _folder, Limits) = (source, folder, limits);
        Link = new RedisLink(source, limits.AnswerTimeout);
    }

    /// <inheritdoc/>
    public override string Source => _source.Name;

    /// <inheritdoc/>
    public override CloneLimits Limits { get; }

    internal RedisLink Link { get; }

    /// <inheritdoc/>
    public override async Task<WarmClone> MakeAsync(CancellationToken cancellation)
    {
        RedisInfo about = await Link.AskAsync("server", cancellation).ConfigureAwait(false);
        RedisInfo memory = await Link.AskAsync("memory", cancellation).ConfigureAwait(false);
        if (memory.Number("used_memory") > Limits.MaxBytes)
        {
            throw new CloneException(
                CloneFailure.TooLarge,
                $"{Source} holds {memory.Number("used_memory") >> 20} MiB, more than the "
                    + $"{Limits.MaxBytes >> 20} MiB of a clone"
            );
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limits.CopyTimeout);
        string path = _folder.Add();
        string password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        RedisServer? clone = null;
        RedisServer? before = null;
        try
        {
            clone = await RedisServer
                .StartAsync(_source, Path.Combine(path, "a"), _folder.User, Limits, password, limit.Token)
                .ConfigureAwait(false);
            await CheckVersionAsync(about, clone, limit.Token).ConfigureAwait(false);
            before = await RedisServer
                .StartAsync(_source, Path.Combine(path, "b"), _folder.User, Limits, null, limit.Token)
                .ConfigureAwait(false);
            await clone
                .FollowAsync(_source.Host, _source.Port, _source.User, _source.Password, limit.Token)
                .ConfigureAwait(false);
            await SyncAsync(clone, limit.Token).ConfigureAwait(false);
            await before
                .FollowAsync(Limits.Listen.ToString(), clone.Port, RedisServer.Administrator, clone.Secret, limit.Token)
                .ConfigureAwait(false);
            await SyncAsync(before, limit.Token).ConfigureAwait(false);
            var address = new CloneAddress(Limits.Listen, clone.Port, _source.ShadowUser, password, string.Empty)
            {
                Scheme = "redis",
            };
            var commands = await CommandTable.AskAsync(clone.Connection, limit.Token).ConfigureAwait(false);
            var warm = new RedisWarmClone(this, path, address, new RedisPair(clone, before), commands);
            await warm.CatchUpAsync(Limits.CopyTimeout, limit.Token).ConfigureAwait(false);
            return warm;
        }
        catch (Exception error)
        {
            string output = clone?.Output ?? string.Empty;
            await EndAsync(path, clone, before).ConfigureAwait(false);
            throw error switch
            {
                OperationCanceledException when !cancellation.IsCancellationRequested => new CloneException(
                    CloneFailure.TooSlow,
                    $"{Source} was not copied within {Limits.CopyTimeout.TotalSeconds:0} s: {output}"
                ),
                IOException or RespException => new CloneException(
                    CloneFailure.CloneDied,
                    $"a clone of {Source} failed: {error.Message}; {output}",
                    error
                ),
                _ => error,
            };
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        Link.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the servers of a clone, and deletes its folder.</summary>
    internal async Task EndAsync(string path, params RedisServer?[] servers)
    {
        foreach (RedisServer? server in servers)
        {
            if (server is not null)
            {
                await server.DisposeAsync().ConfigureAwait(false);
            }
        }

        await _folder.DeleteAsync(path).ConfigureAwait(false);
    }

    private async Task CheckVersionAsync(RedisInfo about, RedisServer clone, CancellationToken cancellation)
    {
        RedisInfo own = await RedisInfo.AskAsync(clone.Connection, "server", cancellation).ConfigureAwait(false);
        if (
            !Version.TryParse(about["redis_version"], out Version? theirs)
            || !Version.TryParse(own["redis_version"], out Version? ours)
            || theirs < s_oldest
            || (theirs.Major, theirs.Minor).CompareTo((ours.Major, ours.Minor)) > 0
        )
        {
            throw new CloneException(
                CloneFailure.VersionNotSupported,
                $"{Source} is version {about["redis_version"]}; clones need 6.0 to this machine's "
                    + own["redis_version"]
            );
        }
    }

    // The link is up when all that the master had is there.
    private async Task SyncAsync(RedisServer server, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            RedisInfo info = await RedisInfo
                .AskAsync(server.Connection, "replication", cancellation)
                .ConfigureAwait(false);
            if (info["master_link_status"] == "up")
            {
                return;
            }

            // The codes of the protocol's errors, as the server passes them on in its log.
            if (s_refusals.Any(code => server.Output.Contains(code, StringComparison.Ordinal)))
            {
                throw new CloneException(
                    CloneFailure.ReplicationRefused,
                    $"{Source} refuses replication: {server.Output}"
                );
            }

            if (Stopwatch.GetElapsedTime(began) > Limits.AnswerTimeout)
            {
                await Link.AskAsync("replication", cancellation).ConfigureAwait(false);
                began = Stopwatch.GetTimestamp();
            }

            await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
        }
    }

    private static readonly string[] s_refusals = ["-NOPERM", "-NOAUTH", "-WRONGPASS", "NOPERM ", "-DENIED"];

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex PlainName();
}
