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
) : TakenClone(maker)
{
    /// <inheritdoc/>
    public override CloneAddress Address => taking.Address;

    /// <inheritdoc/>
    public override TimeSpan Lag => taking.Lag;

    /// <inheritdoc/>
    public override DateTimeOffset Taken => taking.At;

    /// <inheritdoc/>
    private protected override string Output => servers.Now.Output;

    /// <summary>Opens a connection of one who may do everything.</summary>
    internal Task<RespConnection> AdministerAsync(CancellationToken cancellation) =>
        servers.Now.ConnectAsync(cancellation);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync().ConfigureAwait(false);
        await maker.EndAsync(path, servers.Now, servers.Before).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    private protected override async Task ForgetAsync(CancellationToken cancellation)
    {
        using RespConnection now = await servers.Now.ConnectAsync(cancellation).ConfigureAwait(false);
        using RespConnection before = await servers.Before.ConnectAsync(cancellation).ConfigureAwait(false);
        await ReachAsync(now, cancellation).ConfigureAwait(false);

        // What happens from here on is in both, or is noted.
        await foreach (
            KeyValuePair<RedisKey, string> left in new KeyCopies(now, before)
                .CopyAsync(stream.Touched.Forget(), cancellation)
                .ConfigureAwait(false)
        )
        {
            stream.Touched.Remember(left);
        }
    }

    /// <inheritdoc/>
    private protected override async Task<StateEffects> ReadAsync(CancellationToken cancellation)
    {
        using RespConnection now = await servers.Now.ConnectAsync(cancellation).ConfigureAwait(false);
        using RespConnection before = await servers.Before.ConnectAsync(cancellation).ConfigureAwait(false);
        await ReachAsync(now, cancellation).ConfigureAwait(false);
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

    /// <inheritdoc/>
    private protected override bool IsOfServer(Exception error) =>
        error is RespException or IOException or System.Net.Sockets.SocketException;

    private async Task ReachAsync(RespConnection now, CancellationToken cancellation)
    {
        RedisInfo at = await RedisInfo.AskAsync(now, "replication", cancellation).ConfigureAwait(false);
        await stream.ReachAsync(at.Number("master_repl_offset"), cancellation).ConfigureAwait(false);
    }
}
