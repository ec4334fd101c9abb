using Ocx.Audit.Ledger;

namespace Ocx.Ledger.Tests;

public sealed class PostgresCrashTests(PostgresServer server)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_is_there_whenever_the_writer_is_killed()
    {
        const int Runs = 5;
        using var keys = new Home();
        using var home = new PostgresHome(server);
        var acknowledged = new List<(string Call, LedgerPosition Position)>();
        for (int run = 0; run < Runs; run++)
        {
            await KilledWriter.RunAsync(home.Connection, keys.KeyPath, run, acknowledged, Cancellation);
            await UntilNobodyWritesAsync(home); // the server may still commit what it was sent
            using LedgerSigningKey key = await LedgerKeyFile.LoadOrCreateAsync(keys.KeyPath, Cancellation);
            LedgerReport report = await home.VerifyAsync(key.PublicKey);
            Assert.Empty(report.Problems);
            LedgerChainReport chain = Assert.Single(report.Chains);
            Assert.Equal(acknowledged.Count, acknowledged.Select(each => each.Position.Sequence).Distinct().Count());
            Dictionary<string, LedgerPosition> kept = await new PostgresLedgerReader(
                new PostgresDatabase(() => home.Connection, "test")
            )
                .NewestAsync(int.MaxValue, Cancellation)
                .ToDictionaryAsync(record => record.Entry.Intent.Key, record => record.Position, null, Cancellation);
            Assert.All(
                acknowledged,
                each =>
                    Assert.Equal(
                        each.Position.Sequence <= chain.Dropped ? default : each.Position,
                        kept.GetValueOrDefault(each.Call)
                    )
            );
        }
    }

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_loses_nothing_and_has_nothing_twice()
    {
        using var own = new PostgresServer();
        using var home = new PostgresHome(own);
        await using (PostgresLedger first = await home.OpenAsync("auditor-0"))
        await using (PostgresLedger second = await home.OpenAsync("auditor-1"))
        {
            const int Calls = 6000;
            int acknowledged = 0;
            int failed = 0;
            Task<LedgerAppend[]> appending = Task.WhenAll(
                Enumerable.Range(1, Calls).Select(i => UntilAcknowledgedAsync(i % 2 == 0 ? first : second, $"call-{i}"))
            );
            for (int kill = 1; kill <= 3; kill++)
            {
                int at = Calls / 4 * kill;
                while (Volatile.Read(ref acknowledged) < at)
                {
                    await Task.Delay(1, Cancellation);
                }

                own.Kill();
                int before = Volatile.Read(ref failed);
                while (Volatile.Read(ref failed) == before && Volatile.Read(ref acknowledged) < Calls)
                {
                    await Task.Delay(1, Cancellation);
                }

                own.Start();
            }

            LedgerAppend[] appends = await appending;
            Assert.True(failed > 0, "nobody noticed");
            Dictionary<string, LedgerPosition> kept = await first
                .Reader.NewestAsync(2 * Calls, Cancellation)
                .ToDictionaryAsync(record => record.Entry.Intent.Key, record => record.Position, null, Cancellation);
            Assert.Equal(Calls, kept.Count);
            Assert.All(Enumerable.Range(1, Calls), i => Assert.Equal(appends[i - 1].Position, kept[$"call-{i}"]));
            AuditTotals totals = Assert.Single(await first.Reader.TotalsAsync(Cancellation));
            Assert.Equal(Calls, totals.Total);

            async Task<LedgerAppend> UntilAcknowledgedAsync(PostgresLedger ledger, string call)
            {
                while (true)
                {
                    try
                    {
                        LedgerAppend done = await ledger.AppendAsync(Home.Entry(call), Cancellation);
                        Interlocked.Increment(ref acknowledged);
                        return done;
                    }
                    catch (LedgerException)
                    {
                        Interlocked.Increment(ref failed);
                        await Task.Delay(20, Cancellation);
                    }
                }
            }
        }

        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(6000, report.Chains.Sum(chain => chain.Records));
        Assert.All(report.Chains, chain => Assert.Equal(chain.Last, chain.SignedThrough));
    }

    [Fact]
    public async Task A_session_that_an_administrator_ends_is_made_again()
    {
        using var home = new PostgresHome(server);
        await using PostgresLedger ledger = await home.OpenAsync();
        await PostgresHome.AppendAsync(ledger, 1, 10);
        PostgresServer.Execute(
            server.Administrator(),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ocx-auditor auditor-0' "
                + $"AND usename = '{new Npgsql.NpgsqlConnectionStringBuilder(home.Connection).Username}'"
        );
        await Assert.ThrowsAsync<LedgerException>(() => ledger.AppendAsync(Home.Entry("call-11"), Cancellation));
        LedgerAppend again = await ledger.AppendAsync(Home.Entry("call-11"), Cancellation);
        Assert.Equal((11, false), (again.Position.Sequence, again.Existed));
        Assert.Collection(
            home.Warnings,
            warning => Assert.Contains("was lost", warning, StringComparison.Ordinal),
            warning => Assert.Contains("is there again", warning, StringComparison.Ordinal)
        );
        Assert.Empty((await home.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task A_server_that_may_not_be_written_is_left_for_the_one_that_may()
    {
        using var home = new PostgresHome(server);
        string database = new Npgsql.NpgsqlConnectionStringBuilder(home.Connection).Database!;
        await using PostgresLedger ledger = await home.OpenAsync();
        await PostgresHome.AppendAsync(ledger, 1, 10);
        PostgresServer.Execute(
            server.Administrator(),
            $"ALTER DATABASE {database} SET default_transaction_read_only = on; "
                + $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        );
        await Assert.ThrowsAsync<LedgerException>(() => ledger.AppendAsync(Home.Entry("call-11"), Cancellation));
        LedgerException refused = await Assert.ThrowsAsync<LedgerException>(() =>
            ledger.AppendAsync(Home.Entry("call-11"), Cancellation)
        );
        Assert.Contains("connect to the primary", refused.Message, StringComparison.Ordinal);
        PostgresServer.Execute(
            server.Administrator(),
            $"ALTER DATABASE {database} RESET default_transaction_read_only"
        );
        Assert.Equal(11, (await ledger.AppendAsync(Home.Entry("call-11"), Cancellation)).Position.Sequence);
        Assert.Empty((await home.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task A_database_that_was_set_back_is_told_of()
    {
        using var home = new PostgresHome(server);
        await using PostgresLedger ledger = await PostgresHome.OpenAsync(home.Options() with { HeadEvery = 1000 });
        await PostgresHome.AppendAsync(ledger, 1, 10);
        home.Execute(
            """
            DELETE FROM ocx_ledger.records WHERE sequence > 4;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND datname = current_database();
            """
        );
        await Assert.ThrowsAsync<LedgerException>(() => ledger.AppendAsync(Home.Entry("call-11"), Cancellation));
        LedgerAppend again = await ledger.AppendAsync(Home.Entry("call-11"), Cancellation);
        Assert.Equal(5, again.Position.Sequence);
        Assert.Contains(home.Warnings, text => text.Contains("lost records 5 to 10", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Twenty_thousand_records_verify_and_their_rates_are_told()
    {
        const int Calls = 20_000;
        using var home = new PostgresHome(server);
        await using PostgresLedger ledger = await home.OpenAsync();
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        for (int i = 0; i < Calls; i += 2000)
        {
            await PostgresHome.AppendAsync(ledger, i + 1, 2000);
        }

        double perSecond = Calls / System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds;
        TestContext.Current.TestOutputHelper!.WriteLine($"{perSecond:n0} appends/s");
        began = System.Diagnostics.Stopwatch.GetTimestamp();
        LedgerReport report = await home.VerifyAsync();
        perSecond = Calls / System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds;
        TestContext.Current.TestOutputHelper!.WriteLine($"{perSecond:n0} records/s read and verified");
        Assert.Empty(report.Problems);
        Assert.Equal(Calls, Assert.Single(report.Chains).Records);
    }

    private async Task UntilNobodyWritesAsync(PostgresHome home)
    {
        string writers =
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ocx-auditor auditor-0' "
            + $"AND usename = '{new Npgsql.NpgsqlConnectionStringBuilder(home.Connection).Username}'";
        while (PostgresServer.Ask<long>(server.Administrator(), writers) > 0)
        {
            await Task.Delay(10, Cancellation);
        }
    }
}
