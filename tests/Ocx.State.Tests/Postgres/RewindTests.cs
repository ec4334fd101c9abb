using Ocx.State.Clones;
using Ocx.State.Postgres;
using Ocx.State.Tests.Servers;

namespace Ocx.State.Tests.Postgres;

public sealed class RewindTests(Programs programs)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_used_clone_that_is_wound_back_is_as_the_source()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(programs);
        Sql.Execute(server.Administrator(), "SET ROLE shop; CREATE TABLE a AS SELECT generate_series(1, 20000) i");
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        await using var maker = new PostgresCloneMaker(server.Source, folder, new CloneLimits());
        WarmClone warm = await maker.MakeAsync(Ct);
        for (int round = 0; round < 2; round++)
        {
            TakenClone clone = await warm.TakeAsync(Ct);
            Sql.Execute(clone.Address, "CREATE TABLE b AS SELECT * FROM a; DELETE FROM a WHERE i % 2 = 0; TRUNCATE b");
            server.Execute("SET ROLE shop; UPDATE a SET i = -i WHERE i < 100");
            WarmClone? again = await clone.ReuseAsync(Ct);
            await clone.DisposeAsync();
            Assert.NotNull(again);
            warm = again;
        }

        await using (TakenClone clone = await warm.TakeAsync(Ct))
        {
            Assert.Equal(0, (await clone.ReadEffectsAsync(Ct)).RowsDeleted);
            CloneAddress at = clone.Address;
            Sql.Execute(at, "SELECT 1");
            Assert.Equal(
                Sql.Ask<string>(server.Administrator(), "SELECT md5(string_agg(i::text, ',' ORDER BY i)) FROM a"),
                Sql.Ask<string>(Sql.Connection(at), "SELECT md5(string_agg(i::text, ',' ORDER BY i)) FROM a")
            );
            Assert.True(Sql.Ask<bool>(Sql.Connection(at), "SELECT to_regclass('b') IS NULL"));
        }
    }

    [Fact]
    public async Task Without_the_rights_for_it_a_clone_is_not_wound_back()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(programs, mayRewind: false);
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        await using var maker = new PostgresCloneMaker(server.Source, folder, new CloneLimits());
        await using TakenClone clone = await Taking.TakeAsync(maker);
        server.Execute("CREATE TABLE more (a int)");
        Assert.Null(await clone.ReuseAsync(Ct));
    }
}
