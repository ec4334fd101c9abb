using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger.Tests;

public sealed class PostgresLedgerTests(PostgresServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_appended_is_found_and_verifies()
    {
        using var home = new PostgresHome(server);
        await using (PostgresLedger ledger = await PostgresHome.OpenAsync(home.Options() with { HeadEvery = 7 }))
        {
            LedgerAppend[] appends = await PostgresHome.AppendAsync(ledger, 1, 1000);
            Assert.Equal(
                Enumerable.Range(1, 1000).Select(i => (long)i),
                appends.Select(a => a.Position.Sequence).Order()
            );
            LedgerRecord? found = await ledger.Reader.FindAsync("call-42", Cancellation);
            Assert.Equal(appends[41].Position, found!.Position);
            Assert.Null(await ledger.Reader.FindAsync("call-1001", Cancellation));
            List<LedgerRecord> newest = await ledger.Reader.NewestAsync(3, Cancellation).ToListAsync(Cancellation);
            Assert.Equal([1000L, 999, 998], newest.Select(record => record.Position.Sequence));
            Assert.Equal(1000, await ledger.Reader.NewestAsync(5000, Cancellation).CountAsync(Cancellation));
        }

        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(new LedgerChainReport("auditor-0", 1000, 0, 1000, 1000), Assert.Single(report.Chains));
    }

    [Fact]
    public async Task A_ledger_goes_on_where_it_ended()
    {
        using var home = new PostgresHome(server);
        for (int run = 0; run < 3; run++)
        {
            await using PostgresLedger ledger = await home.OpenAsync();
            await PostgresHome.AppendAsync(ledger, (run * 10) + 1, 10);
            LedgerAppend again = await ledger.AppendAsync(Home.Entry("call-1"), Cancellation);
            Assert.Equal((true, run * 10 + 10 >= again.Position.Sequence), (again.Existed, true));
        }

        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(30, Assert.Single(report.Chains).Records);
    }

    [Fact]
    public async Task Two_writers_of_the_same_calls_at_once_write_each_once()
    {
        const int Calls = 3000;
        using var home = new PostgresHome(server);
        await using (PostgresLedger first = await home.OpenAsync("auditor-0"))
        await using (PostgresLedger second = await home.OpenAsync("auditor-1"))
        {
            LedgerAppend[][] appends = await Task.WhenAll(
                new[] { first, second }.Select(async ledger =>
                {
                    int[] calls = [.. Enumerable.Range(1, Calls)];
                    Random.Shared.Shuffle(calls);
                    (int Call, LedgerAppend Append)[] done = await Task.WhenAll(
                        calls.Select(async i => (i, await ledger.AppendAsync(Home.Entry($"call-{i}"), Cancellation)))
                    );
                    return done.OrderBy(each => each.Call).Select(each => each.Append).ToArray();
                })
            );
            for (int i = 0; i < Calls; i++)
            {
                Assert.Equal(appends[0][i].Position, appends[1][i].Position);
                Assert.True(appends[0][i].Existed != appends[1][i].Existed);
            }

            AuditTotals totals = Assert.Single(await second.Reader.TotalsAsync(Cancellation));
            Assert.Equal(Calls, totals.Released);
        }

        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(["auditor-0", "auditor-1"], report.Chains.Select(chain => chain.Chain).Order());
        Assert.Equal(Calls, report.Chains.Sum(chain => chain.Records));
    }

    [Fact]
    public async Task Replicas_may_make_the_tables_at_once()
    {
        using var home = new PostgresHome(server);
        PostgresLedger[] ledgers = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(i => home.OpenAsync($"auditor-{i}"))
        );
        await Task.WhenAll(ledgers.Select((ledger, i) => PostgresHome.AppendAsync(ledger, (i * 100) + 1, 100)));
        foreach (PostgresLedger ledger in ledgers)
        {
            await ledger.DisposeAsync();
        }

        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal([100, 100, 100, 100, 100, 100], report.Chains.Select(chain => chain.Records));
    }

    [Fact]
    public async Task A_chain_has_one_writer_and_the_next_one_waits()
    {
        using var home = new PostgresHome(server);
        Task<PostgresLedger> waiting;
        await using (PostgresLedger ledger = await home.OpenAsync())
        {
            waiting = home.OpenAsync();
            await UntilAsync(() => home.Warnings.Any(warning => warning.Contains("waiting", StringComparison.Ordinal)));
            Assert.Contains("auditor-0", home.Warnings.First(), StringComparison.Ordinal);
            await PostgresHome.AppendAsync(ledger, 1, 100);
            Assert.False(waiting.IsCompleted);
        }

        await using (PostgresLedger next = await waiting)
        {
            Assert.Equal(101, (await PostgresHome.AppendAsync(next, 101, 1))[0].Position.Sequence);
        }

        Assert.Empty((await home.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task Keys_are_changed_while_it_runs_and_between_runs()
    {
        using var home = new PostgresHome(server);
        using LedgerSigningKey second = LedgerSigningKey.Create();
        using LedgerSigningKey third = LedgerSigningKey.Create();
        await using (PostgresLedger ledger = await home.OpenAsync())
        {
            await PostgresHome.AppendAsync(ledger, 1, 5);
            await ledger.RotateAsync(second, Cancellation);
            Assert.Equal(second.Id, ledger.PublicKey.Id);
            await PostgresHome.AppendAsync(ledger, 6, 5);
        }

        PostgresLedgerOptions next = home.Options() with { Key = third };
        LedgerException refused = await Assert.ThrowsAsync<LedgerException>(() => PostgresHome.OpenAsync(next));
        Assert.Contains(second.Id, refused.Message, StringComparison.Ordinal);
        for (int run = 0; run < 2; run++) // the same words do no harm afterwards
        {
            await using PostgresLedger ledger = await PostgresHome.OpenAsync(next with { PreviousKey = second });
            await PostgresHome.AppendAsync(ledger, 11 + (run * 5), 5);
        }

        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(20, Assert.Single(report.Chains).SignedThrough);
    }

    [Fact]
    public async Task Totals_are_those_of_all_replicas()
    {
        using var home = new PostgresHome(server);
        await using PostgresLedger first = await home.OpenAsync("auditor-0");
        await using PostgresLedger second = await home.OpenAsync("auditor-1");
        foreach ((PostgresLedger ledger, int i) in new[] { (first, 1), (second, 2) })
        {
            await ledger.AppendAsync(Home.Entry($"a{i}", outcome: Outcome.Refused, tool: $"tool-{i}"), Cancellation);
            await ledger.AppendAsync(
                Home.Entry($"b{i}", outcome: Outcome.Refused, tool: "both", tookMs: 20),
                Cancellation
            );
            await ledger.AppendAsync(Home.Entry($"c{i}", outcome: Outcome.Held, audit: "another"), Cancellation);
        }

        IReadOnlyList<AuditTotals> totals = await first.Reader.TotalsAsync(Cancellation);
        Assert.Equal(["another", "orders"], totals.Select(audit => audit.Name));
        Assert.Equal((2, 4), (totals[0].Held, totals[1].Refused));
        Assert.Equal([new("both", 2), new("tool-1", 1), new ToolRefusals("tool-2", 1)], totals[1].RefusedTools);
        Assert.InRange(totals[1].P99.TotalMilliseconds, 14, 29);
        await first.ForgetTotalsAsync(new("shop", "another", 0), Cancellation);
        Assert.Equal("orders", Assert.Single(await second.Reader.TotalsAsync(Cancellation)).Name);
    }

    [Fact]
    public async Task A_closed_ledger_says_so()
    {
        using var home = new PostgresHome(server);
        PostgresLedger ledger = await home.OpenAsync();
        await ledger.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.AppendAsync(Home.Entry("late"), Cancellation));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(10, Cancellation);
        }
    }
}
