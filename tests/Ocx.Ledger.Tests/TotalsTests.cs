using Microsoft.Data.Sqlite;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger.Tests;

public sealed class TotalsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verdicts_are_counted_by_audit_and_outcome_and_survive_a_restart()
    {
        using var home = new Home();
        for (int run = 0; run < 2; run++)
        {
            await using SqliteLedger ledger = await home.OpenAsync();
            foreach (Outcome outcome in Enum.GetValues<Outcome>())
            {
                for (int i = 0; i <= (int)outcome; i++)
                {
                    string call = $"{run}-{outcome}-{i}";
                    await ledger.AppendAsync(Home.Entry(call, outcome: outcome, tookMs: 40), Cancellation);
                    await ledger.AppendAsync(Home.Entry(call, outcome: Outcome.Refused), Cancellation); // it is there
                }
            }

            await ledger.AppendAsync(Home.Entry($"other-{run}", audit: "another"), Cancellation);
            IReadOnlyList<AuditTotals> totals = await ledger.Reader.TotalsAsync(Cancellation);
            Assert.Equal(["another", "orders"], totals.Select(audit => audit.Name));
            AuditTotals orders = totals[1];
            int times = run + 1;
            Assert.Equal((times * 1, times * 2), (orders.Released, orders.Refused));
            Assert.Equal((times * 3, times * 4), (orders.Held, orders.Expired));
            Assert.Equal(times * 10, orders.Total);
            Assert.Equal([new ToolRefusals("echo", times * 2)], orders.RefusedTools);
            Assert.InRange(orders.P50.TotalMilliseconds, 28, 57);
            Assert.InRange(orders.P99.TotalMilliseconds, 28, 57);
        }
    }

    [Fact]
    public async Task Callers_who_make_up_tools_do_not_make_it_grow()
    {
        using var home = new Home();
        for (int run = 0; run < 2; run++)
        {
            await using SqliteLedger ledger = await home.OpenAsync();
            await Task.WhenAll(
                Enumerable
                    .Range(0, 500)
                    .Select(i =>
                        ledger.AppendAsync(
                            Home.Entry(
                                $"{run}-{i}",
                                outcome: Outcome.Refused,
                                tool: $"{run}-{i}\n{new string('x', 999)}"
                            ),
                            Cancellation
                        )
                    )
            );
        }

        await using SqliteLedger last = await home.OpenAsync();
        AuditTotals totals = Assert.Single(await last.Reader.TotalsAsync(Cancellation));
        Assert.Equal(200, totals.RefusedTools.Count);
        Assert.Equal(800, totals.RefusedOfOtherTools);
        Assert.All(totals.RefusedTools, tool => Assert.InRange(tool.Tool.Length, 1, 128));
        Assert.All(totals.RefusedTools, tool => Assert.Contains(@"\n", tool.Tool, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_audit_that_is_gone_is_forgotten()
    {
        using var home = new Home();
        await using SqliteLedger ledger = await home.OpenAsync();
        await ledger.AppendAsync(Home.Entry("one", outcome: Outcome.Refused), Cancellation);
        await ledger.AppendAsync(Home.Entry("two", audit: "another"), Cancellation);
        await ledger.ForgetTotalsAsync(new("shop", "orders", 7), Cancellation);
        Assert.Equal("another", Assert.Single(await ledger.Reader.TotalsAsync(Cancellation)).Name);
        await ledger.AppendAsync(Home.Entry("three", outcome: Outcome.Refused), Cancellation);
        Assert.Equal([1, 1], (await ledger.Reader.TotalsAsync(Cancellation)).Select(audit => audit.Total));
    }

    [Fact]
    public async Task What_is_not_recorded_is_not_counted()
    {
        using var home = new Home();
        await using SqliteLedger ledger = await home.OpenAsync();
        await ExecuteAsync(home, "CREATE TRIGGER no BEFORE INSERT ON records BEGIN SELECT raise(ABORT, 'no'); END");
        await Assert.ThrowsAsync<LedgerException>(() => ledger.AppendAsync(Home.Entry("one"), Cancellation));
        Assert.Empty(await ledger.Reader.TotalsAsync(Cancellation));
    }

    [Fact]
    public async Task A_ledger_from_before_there_were_totals_goes_on()
    {
        using var home = new Home();
        await using (SqliteLedger ledger = await home.OpenAsync())
        {
            await ledger.AppendAsync(Home.Entry("one"), Cancellation);
        }

        await ExecuteAsync(home, "DROP TABLE totals; PRAGMA user_version = 1");
        Assert.NotNull(await SqliteLedgerReader.Open(home.Path).FindAsync("one", Cancellation));
        await using (SqliteLedger ledger = await home.OpenAsync())
        {
            await ledger.AppendAsync(Home.Entry("two"), Cancellation);
            Assert.Equal(1, Assert.Single(await ledger.Reader.TotalsAsync(Cancellation)).Total);
        }

        Assert.Equal(2, Assert.Single((await home.VerifyAsync()).Chains).Records);
    }

    [Fact]
    public async Task What_gates_tell_of_holds_is_added_up_and_survives_a_restart()
    {
        using var home = new Home();
        var audit = new AuditReference("", "orders", 7);
        for (int run = 1; run <= 2; run++)
        {
            await using SqliteLedger ledger = await home.OpenAsync();
            await ledger.CountAsync(
                [
                    new HoldCounts(audit)
                    {
                        Held = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(10), 99), TimeSpan.FromSeconds(3)],
                        Failures = [new("QueueFull", 2, 0), new("TooLarge", 0, 3)],
                    },
                    new HoldCounts(audit with { Name = "other" }),
                ],
                Cancellation
            );
            AuditTotals totals = Assert.Single(await ledger.Reader.TotalsAsync(Cancellation));
            Assert.Equal(("orders", 100 * run, 0), (totals.Name, totals.Holds, totals.Total));
            Assert.InRange(totals.HoldP50.TotalMilliseconds, 7, 15);
            Assert.InRange(totals.HoldP99.TotalMilliseconds, 9, 15);
            Assert.Equal([new("QueueFull", 2 * run, 0), new("TooLarge", 0, 3 * run)], totals.Failures);
        }

        await using SqliteLedger last = await home.OpenAsync();
        await last.ForgetTotalsAsync(audit, Cancellation);
        Assert.Empty(await last.Reader.TotalsAsync(Cancellation));
    }

    private static async Task ExecuteAsync(Home home, string text)
    {
        await using var connection = new SqliteConnection($"Data Source={home.Path};Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // constants of this file
        command.CommandText = text;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
