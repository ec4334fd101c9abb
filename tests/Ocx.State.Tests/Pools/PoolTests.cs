using Ocx.Audit.Rehearsals;
using Ocx.State.Clones;
using Ocx.State.Postgres;
using Ocx.State.Processes;
using Ocx.State.Redis;
using Ocx.State.Tests.Servers;

namespace Ocx.State.Tests.Pools;

public sealed class PoolTests(Programs programs)
{
    private static readonly ClonePoolOptions s_quick = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(20),
        LongestPause = TimeSpan.FromMilliseconds(100),
        CheckInterval = TimeSpan.FromMilliseconds(50),
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pool_of_PostgreSQL_refills_and_leaves_nothing()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(programs);
        server.Execute("SET ROLE shop; CREATE TABLE a AS SELECT 1 AS i");
        string before = server.Dump();
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        await using (var maker = new PostgresCloneMaker(server.Source, folder, new CloneLimits()))
        await using (var pool = new ClonePool(maker, s_quick))
        {
            for (int round = 1; round <= 3; round++)
            {
                await using PooledClone clone = await pool.TakeAsync(Ct);
                Sql.Execute(clone.Address, "INSERT INTO a VALUES (2); UPDATE a SET i = i + 1");
                StateEffects effects = await clone.ReadEffectsAsync(Ct);
                Assert.Equal((1, 2), (effects.RowsInserted, effects.RowsUpdated));
            }

            await Eventually.TrueAsync(() => pool.Status is { Warm: 1, Taken: 0, Failure: null });
        }

        Assert.Empty(Directory.GetDirectories(folder.Path));
        Assert.Empty(FolderProcesses.Find(folder.Path));
        Assert.Equal(before, server.Dump());
    }

    [Fact]
    public async Task A_pool_of_Redis_refills_and_is_bounded()
    {
        await using RedisSourceServer server = await RedisSourceServer.StartAsync(programs);
        await server.ExecuteAsync(["SET", "a", "1"]);
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        await using (var maker = new RedisCloneMaker(server.Source, folder, new CloneLimits()))
        await using (var pool = new ClonePool(maker, s_quick with { Warm = 2, Most = 3 }))
        {
            await Eventually.TrueAsync(() => pool.Status.Warm == 2);
            await using PooledClone first = await pool.TakeAsync(Ct);
            await using PooledClone second = await pool.TakeAsync(Ct);
            Assert.NotEqual(first.Address, second.Address);
            await Eventually.TrueAsync(() => pool.Status is { Warm: 1, Taken: 2 });
            Assert.InRange(Directory.GetDirectories(folder.Path).Length, 3, 3);
            await first.DisposeAsync();
            await Eventually.TrueAsync(() => pool.Status is { Warm: 2, Taken: 1 });
        }

        Assert.Empty(Directory.GetDirectories(folder.Path));
    }

    [Fact]
    public async Task A_pool_says_why_it_is_empty_and_tries_again()
    {
        await using RedisSourceServer server = await RedisSourceServer.StartAsync(programs, "+info");
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        await using var maker = new RedisCloneMaker(server.Source, folder, new CloneLimits());
        await using var pool = new ClonePool(maker, s_quick);
        CloneException error = await Assert.ThrowsAsync<CloneException>(() => pool.TakeAsync(Ct));
        Assert.Equal(CloneFailure.ReplicationRefused, error.Failure);
        await server.ExecuteAsync(["ACL", "SETUSER", "replicator", "+psync", "+replconf", "+ping"]);
        await Eventually.TrueAsync(() => pool.Status is { Warm: 1, Failure: null });
        await server.KillAsync();
        await Eventually.TrueAsync(() => pool.Status.Failure == CloneFailure.SourceDown);
    }

    [Fact]
    public async Task A_warm_clone_whose_server_dies_is_replaced()
    {
        await using RedisSourceServer server = await RedisSourceServer.StartAsync(programs);
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        await using var maker = new RedisCloneMaker(server.Source, folder, new CloneLimits());
        await using var pool = new ClonePool(maker, s_quick);
        await Eventually.TrueAsync(() => pool.Status.Warm == 1);
        string first = Directory.GetDirectories(folder.Path).Single();
        await Eventually.TrueAsync(() => FolderProcesses.Find(first).Count == 2); // not the child that fed the second
        _ = LibC.kill(FolderProcesses.Find(first)[0], LibC.SIGKILL);
        await Eventually.TrueAsync(() => !Directory.Exists(first) && pool.Status is { Warm: 1, Failure: null });
    }

    [Theory]
    [InlineData("+psync +replconf +ping", CloneFailure.MissingPrivilege)]
    [InlineData("+info +replconf +ping", CloneFailure.ReplicationRefused)]
    public async Task Rights_that_lack_at_a_Redis_are_told(string rights, CloneFailure failure)
    {
        await using RedisSourceServer server = await RedisSourceServer.StartAsync(programs, rights);
        Assert.Equal(failure, await FailsAsync(server.Source, new CloneLimits()));
    }

    [Fact]
    public async Task A_Redis_that_cannot_be_cloned_says_so()
    {
        await using RedisSourceServer server = await RedisSourceServer.StartAsync(programs);
        RedisSource source = server.Source;
        Assert.Equal(CloneFailure.TooLarge, await FailsAsync(source, new CloneLimits { MaxBytes = 1000 }));
        Assert.Equal(
            CloneFailure.ReplicationRefused,
            await FailsAsync(source with { Password = "another" }, new CloneLimits())
        );
        await server.KillAsync();
        Assert.Equal(CloneFailure.SourceDown, await FailsAsync(source, new CloneLimits()));
    }

    private async Task<CloneFailure> FailsAsync(RedisSource source, CloneLimits limits)
    {
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        await using var maker = new RedisCloneMaker(source, folder, limits);
        CloneException error = await Assert.ThrowsAsync<CloneException>(() => maker.MakeAsync(Ct));
        Assert.Empty(Directory.GetDirectories(folder.Path));
        return error.Failure;
    }
}
