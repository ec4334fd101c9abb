using Ocx.Audit.Rehearsals;
using Ocx.State.Clones;

namespace Ocx.State.Redis;

/// <summary>What was noted when a clone was taken.</summary>
/// <param name="Address">Where it is found.</param>
/// <param name="At">When it was cut off.</param>
/// <param name="Lag">How far it was behind.</param>
internal sealed record RedisTaking(CloneAddress Address, DateTimeOffset At, TimeSpan Lag);

/// <summary>A clone of Redis that stands alone.</summary>
internal sealed class RedisTakenClone(
    RedisCloneMaker maker,
    string path,
    RedisPair servers,
    ReplicationStream stream,
    RedisTaking taking
) : TakenClone
{
    /// <inheritdoc/>
    public override CloneAddress Address => taking.Address;

    /// <inheritdoc/>
    public override TimeSpan Lag => taking.Lag;

    /// <inheritdoc/>
    public override DateTimeOffset Taken => taking.At;

    /// <inheritdoc/>
    public override async Task<StateEffects> ReadEffectsAsync(CancellationToken cancellation)
    {
        try
        {
            using RespConnection now = await servers.Now.ConnectAsync(cancellation).ConfigureAwait(false);
            using RespConnection before = await servers.Before.ConnectAsync(cancellation).ConfigureAwait(false);
            RedisInfo at = await RedisInfo.AskAsync(now, "replication", cancellation).ConfigureAwait(false);
            await stream.ReachAsync(at.Number("master_repl_offset"), cancellation).ConfigureAwait(false);
            var comparison = new KeyComparison(now, before, maker.Limits);
            (var keys, HashSet<int> whole, StateChange[] published) = stream.Touched.Now();
            if (stream.Touched.IsEverything)
            {
                RedisInfo ours = await RedisInfo.AskAsync(now, "keyspace", cancellation).ConfigureAwait(false);
                RedisInfo theirs = await RedisInfo.AskAsync(before, "keyspace", cancellation).ConfigureAwait(false);
                whole.UnionWith(ours.Databases);
                whole.UnionWith(theirs.Databases);
            }

            await comparison.CompareAsync(keys, cancellation).ConfigureAwait(false);
            foreach (int database in whole.Order())
            {
                await comparison.CompareWholeAsync(database, "flushall", cancellation).ConfigureAwait(false);
            }

            foreach (StateChange message in published)
            {
                comparison.Tally.Add(message);
            }

            return new StateEffects
            {
                Source = maker.Source,
                Kind = StateKind.Redis,
                KeysWritten = comparison.Written,
                KeysDeleted = comparison.Deleted,
                SchemaChanged = stream.Touched.FunctionsChanged,
                Changes = comparison.Tally.Changes,
                IsCut = comparison.Tally.IsCut || stream.Touched.IsCut,
                Lag = taking.Lag,
            };
        }
        catch (Exception error)
            when (error is RespException or IOException or System.Net.Sockets.SocketException
                && !cancellation.IsCancellationRequested
            )
        {
            throw new CloneException(
                CloneFailure.EffectsUnreadable,
                $"a clone of {maker.Source} does not tell its effects: {error.Message}; {servers.Now.Output}",
                error
            );
        }
    }

    /// <summary>Opens a connection of one who may do everything.</summary>
    internal Task<RespConnection> AdministerAsync(CancellationToken cancellation) =>
        servers.Now.ConnectAsync(cancellation);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync().ConfigureAwait(false);
        await maker.EndAsync(path, servers.Now, servers.Before).ConfigureAwait(false);
    }
}
