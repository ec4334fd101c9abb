using System.Diagnostics;
using System.Globalization;
using Ocx.State.Clones;

namespace Ocx.State.Redis;

/// <summary>A replica of the source, and a replica of that.</summary>
internal sealed class RedisWarmClone(
    RedisCloneMaker maker,
    string path,
    CloneAddress address,
    RedisPair servers,
    CommandTable commands
) : WarmClone
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    /// <inheritdoc/>
    public override CloneAddress Address => address;

    /// <inheritdoc/>
    public override async Task CheckAsync(CancellationToken cancellation)
    {
        if (servers.Before.HasEnded)
        {
            throw new CloneException(CloneFailure.CloneDied, $"a clone of {maker.Source} ended");
        }

        await CatchUpAsync(TimeSpan.FromSeconds(1), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task<TakenClone> TakeAsync(CancellationToken cancellation)
    {
        TimeSpan maxLag = maker.Limits.MaxLag;
        try
        {
            await CatchUpAsync(maxLag, cancellation).ConfigureAwait(false);
        }
        catch (CloneException error)
            when (error.Failure is CloneFailure.SourceDown or CloneFailure.LagTooGreat
                && DateTimeOffset.UtcNow - CaughtUp <= maxLag
            )
        {
            // What it has is young enough.
        }

        return await GuardedAsync(() => CutOffAsync(cancellation), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync() =>
        await maker.EndAsync(path, servers.Now, servers.Before).ConfigureAwait(false);

    /// <summary>Waits until it has all that the source has at this moment.</summary>
    /// <exception cref="CloneException">It does not get there in time, and why.</exception>
    public async Task CatchUpAsync(TimeSpan patience, CancellationToken cancellation)
    {
        DateTimeOffset asked = DateTimeOffset.UtcNow;
        RedisInfo source = await maker.Link.AskAsync("replication", cancellation).ConfigureAwait(false);
        long end = source.Number("master_repl_offset");
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            RedisInfo own = await GuardedAsync(
                    () => RedisInfo.AskAsync(servers.Now.Connection, "replication", cancellation),
                    cancellation
                )
                .ConfigureAwait(false);
            if (own["master_link_status"] == "up" && own.Number("slave_repl_offset") >= end)
            {
                CaughtUp = asked;
                return;
            }

            if (Stopwatch.GetElapsedTime(began) > patience)
            {
                throw new CloneException(
                    CloneFailure.LagTooGreat,
                    $"a clone of {maker.Source} is behind since {CaughtUp:O}: {servers.Now.Output}"
                );
            }

            await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<TakenClone> CutOffAsync(CancellationToken cancellation)
    {
        await servers.Now.CutOffAsync(cancellation).ConfigureAwait(false);
        DateTimeOffset taken = DateTimeOffset.UtcNow;
        RedisInfo at = await RedisInfo
            .AskAsync(servers.Now.Connection, "replication", cancellation)
            .ConfigureAwait(false);
        await BeforeIsThereAsync(at.Number("master_repl_offset"), cancellation).ConfigureAwait(false);
        await servers.Before.CutOffAsync(cancellation).ConfigureAwait(false);
        ReplicationStream stream = await ReplicationStream
            .OpenAsync(servers.Now, at, new TouchedKeys(commands, maker.Limits), cancellation)
            .ConfigureAwait(false);
        return new RedisTakenClone(maker, path, servers, stream, new RedisTaking(address, taken, taken - CaughtUp));
    }

    private async Task BeforeIsThereAsync(long end, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            RedisInfo before = await RedisInfo
                .AskAsync(servers.Before.Connection, "replication", cancellation)
                .ConfigureAwait(false);
            if (before.Number("slave_repl_offset") >= end)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(began) > maker.Limits.AnswerTimeout)
            {
                throw new CloneException(
                    CloneFailure.CloneDied,
                    string.Create(CultureInfo.InvariantCulture, $"the state before {end} is not there in time")
                );
            }

            await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
        }
    }

    // An error of the clone's own servers means that it is of no use.
    private async Task<T> GuardedAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception error)
            when (error is RespException or IOException or System.Net.Sockets.SocketException
                && !cancellation.IsCancellationRequested
            )
        {
            throw new CloneException(
                CloneFailure.CloneDied,
                $"a clone of {maker.Source} failed: {error.Message}; {servers.Now.Output}",
                error
            );
        }
    }
}
