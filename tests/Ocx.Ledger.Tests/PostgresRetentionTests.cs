using Ocx.Audit.Ledger;

namespace Ocx.Ledger.Tests;

public sealed class PostgresRetentionTests(PostgresServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_records_are_dropped_and_the_rest_verifies()
    {
        using var home = new PostgresHome(server);
        var clock = new Clock();
        PostgresLedgerOptions options = home.Options() with
        {
            Retention = new(MaxAge: TimeSpan.FromHours(1)),
            HeadEvery = 10,
        };
        await using (PostgresLedger ledger = await PostgresHome.OpenAsync(options, clock))
        {
            await PostgresHome.AppendAsync(ledger, 1, 25, clock);
            clock.Move(TimeSpan.FromMinutes(40));
            await PostgresHome.AppendAsync(ledger, 26, 25, clock);
            clock.Move(TimeSpan.FromMinutes(40));
            await UntilAsync(async () => (await home.VerifyAsync()).Chains[0].Dropped == 25);
            LedgerReport report = await home.VerifyAsync();
            Assert.Empty(report.Problems);
            Assert.Equal((25, 50), (report.Chains[0].Records, report.Chains[0].Last));
            clock.Move(TimeSpan.FromMinutes(40));
            await UntilAsync(async () => (await home.VerifyAsync()).Chains[0].Dropped == 50);
            AuditTotals totals = Assert.Single(await ledger.Reader.TotalsAsync(Cancellation));
            Assert.Equal(50, totals.Total);
        }

        await using (PostgresLedger ledger = await PostgresHome.OpenAsync(options, clock))
        {
            Assert.Equal(51, (await PostgresHome.AppendAsync(ledger, 51, 1, clock))[0].Position.Sequence);
        }

        Assert.Empty((await home.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task All_chains_together_stay_within_the_size()
    {
        const long Most = 2 << 20;
        using var home = new PostgresHome(server);
        await using PostgresLedger first = await home.OpenAsync("auditor-0");
        await using PostgresLedger second = await home.OpenAsync("auditor-1");
        await PostgresHome.AppendAsync(first, 1, 3000);
        await PostgresHome.AppendAsync(second, 10_001, 3000);
        Assert.InRange(Bytes(home), Most, long.MaxValue);

        // The one with the oldest records drops them, also where it has nothing to write.
        var retention = new LedgerRetention(MaxBytes: Most);
        first.Retain(retention);
        second.Retain(retention);
        await UntilAsync(() => Task.FromResult(Bytes(home) <= Most));
        Assert.Equal(
            Bytes(home),
            PostgresServer.Ask<long>(home.Connection, "SELECT sum(bytes)::bigint FROM ocx_ledger.chains")
        );
        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.InRange(report.Chains[0].Dropped, 1, 3000);
        Assert.InRange(report.Chains[0].Dropped, report.Chains[1].Dropped, 3000);
    }

    [Fact]
    public async Task A_chain_that_nobody_writes_any_more_is_dropped_from_too()
    {
        using var home = new PostgresHome(server);
        using LedgerSigningKey next = LedgerSigningKey.Create();
        var clock = new Clock();
        PostgresLedgerOptions options = home.Options("gone") with { Retention = new(MaxAge: TimeSpan.FromHours(1)) };
        await using (PostgresLedger gone = await PostgresHome.OpenAsync(options, clock))
        {
            await PostgresHome.AppendAsync(gone, 1, 20, clock);
        }

        PostgresLedgerOptions others = options with { Replica = "stays", Key = next, PreviousKey = home.Key };
        await using PostgresLedger stays = await PostgresHome.OpenAsync(others, clock);
        clock.Move(TimeSpan.FromHours(2));
        await UntilAsync(async () =>
        {
            clock.Move(TimeSpan.FromMinutes(1)); // the server may have held the lock of the one that ended still
            return (await home.VerifyAsync(home.Key.PublicKey, next.PublicKey)).Chains.Any(chain =>
                chain.Dropped == 20
            );
        });
        LedgerReport report = await home.VerifyAsync(home.Key.PublicKey, next.PublicKey);
        Assert.Empty(report.Problems);
        Assert.Empty(home.Warnings);

        // And it may come back.
        await using PostgresLedger back = await PostgresHome.OpenAsync(others with { Replica = "gone" }, clock);
        Assert.Equal(21, (await PostgresHome.AppendAsync(back, 21, 1, clock))[0].Position.Sequence);
    }

    private static long Bytes(PostgresHome home) =>
        PostgresServer.Ask<long>(home.Connection, "SELECT coalesce(sum(length(line)), 0) FROM ocx_ledger.records");

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(10, Cancellation);
        }
    }
}
