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
) : WarmClone(maker)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);

    /// <inheritdoc/>
    public override CloneAddress Address => address;

    /// <inheritdoc/>
    private protected override string Output => servers.Now.Output;

    /// <inheritdoc/>
    public override async Task CheckAsync(CancellationToken cancellation)
    {
        if (servers.Before.HasEnded)
        {
            throw new CloneException(CloneFailure.CloneDied, $"a clone of {maker.Source} ended");
        }

        await base.CheckAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync() =>
        await maker.EndAsync(path, servers.Now, servers.Before).ConfigureAwait(false);

    /// <inheritdoc/>
    internal override async Task CatchUpAsync(TimeSpan patience, CancellationToken cancellation)
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
                throw IsBehind();
            }

            await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    private protected override async Task<TakenClone> CutOffAsync(CancellationToken cancellation)
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

    /// <inheritdoc/>
    private protected override bool IsOfServer(Exception error) =>
        error is RespException or IOException or System.Net.Sockets.SocketException;
}
