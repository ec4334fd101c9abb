using Ocx.Audit.Rehearsals;
using Ocx.State.Clones;
using Ocx.State.Postgres;
using Ocx.State.Tests.Servers;

namespace Ocx.State.Tests.Postgres;

public class EffectsTests(Programs programs)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_shadow_does_is_told_with_old_and_new_values()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(programs);
        Sql.Execute(
            server.Administrator(),
            "SET ROLE shop; CREATE TABLE orders (id int PRIMARY KEY, note text, paid bool);"
                + "INSERT INTO orders SELECT i, NULL, false FROM generate_series(1, 10) i;"
        );
        string before = server.Dump();
        using CloneFolder folder = await CloneFolder.OpenAsync(programs.NewFolder());
        await using var maker = new PostgresCloneMaker(server.Source, folder, new CloneLimits());
        var sw = System.Diagnostics.Stopwatch.StartNew();
        WarmClone warm = await maker.MakeAsync(Ct);
        TestContext.Current.SendDiagnosticMessage("made {0}", sw.ElapsedMilliseconds);
        Console.WriteLine($"made {sw.ElapsedMilliseconds}"); sw.Restart();
        await using TakenClone clone = await warm.TakeAsync(Ct);
        Console.WriteLine($"took {sw.ElapsedMilliseconds} lag {clone.Lag}"); sw.Restart();
        Sql.Execute(clone.Address, "INSERT INTO orders VALUES (11, 'it''s', true); UPDATE orders SET note = 'x' WHERE id = 1; DELETE FROM orders WHERE id = 2; TRUNCATE orders");
        sw.Restart();
        StateEffects effects = await clone.ReadEffectsAsync(Ct);
        Console.WriteLine($"read {sw.ElapsedMilliseconds}"); sw.Restart();
        Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(effects));
        WarmClone? again = await clone.ReuseAsync(Ct);
        Console.WriteLine($"rewind {sw.ElapsedMilliseconds} {again}");
        if (again is not null) await again.DisposeAsync();
        Assert.Equal(before, server.Dump());
    }
}
