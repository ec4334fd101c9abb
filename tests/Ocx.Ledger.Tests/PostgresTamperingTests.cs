using Ocx.Audit.Ledger;

namespace Ocx.Ledger.Tests;

/// <summary>What somebody with all rights on the database may do, and how it is found.</summary>
public sealed class PostgresTamperingTests(PostgresServer server)
{
    private const string Records = "ocx_ledger.records";

    public static TheoryData<string, LedgerProblemKind, long> Tampering =>
        new()
        {
            {
                $"UPDATE {Records} SET line = "
                    + "convert_to(replace(convert_from(line, 'UTF8'), 'harmless', 'Harmless'), 'UTF8') "
                    + "WHERE chain = 'auditor-0' AND sequence = 7",
                LedgerProblemKind.Changed,
                7
            },
            {
                $"UPDATE {Records} SET line = 'garbage' WHERE chain = 'auditor-0' AND sequence = 7",
                LedgerProblemKind.Unreadable,
                0
            },
            { $"DELETE FROM {Records} WHERE chain = 'auditor-0' AND sequence = 7", LedgerProblemKind.Removed, 7 },
            { $"DELETE FROM {Records} WHERE chain = 'auditor-0' AND sequence > 15", LedgerProblemKind.Cut, 16 },
            { $"DELETE FROM {Records} WHERE chain = 'auditor-0'", LedgerProblemKind.Cut, 1 },
            {
                $"UPDATE {Records} SET sequence = -sequence WHERE chain = 'auditor-0' AND sequence IN (3, 9); "
                    + $"UPDATE {Records} SET sequence = 12 + sequence WHERE sequence < 0",
                LedgerProblemKind.Reordered,
                4
            },
            {
                $"INSERT INTO {Records} SELECT chain, 21, 'forged', time, line FROM {Records} "
                    + "WHERE chain = 'auditor-0' AND sequence = 4",
                LedgerProblemKind.Inserted,
                4
            },
            {
                $"INSERT INTO {Records} SELECT 'hidden', 1, 'forged', time, line FROM {Records} "
                    + "WHERE chain = 'auditor-0' AND sequence = 4",
                LedgerProblemKind.Inserted,
                4
            },
            {
                $"UPDATE {Records} SET line = (SELECT line FROM {Records} WHERE chain = 'auditor-1' AND sequence = 4) "
                    + "WHERE chain = 'auditor-0' AND sequence = 4",
                LedgerProblemKind.Removed,
                4
            },
            {
                "UPDATE ocx_ledger.heads SET line = "
                    + "overlay(line placing '0' from position('\"signature\":\"' in line) + 20) "
                    + "WHERE chain = 'auditor-0' AND sequence = 20",
                LedgerProblemKind.BadSignature,
                20
            },
            {
                "INSERT INTO ocx_ledger.stubs SELECT 'auditor-0', 20, convert_to(replace(replace("
                    + "convert_from(line, 'UTF8'), '\"kind\":\"head\"', '\"count\":20,\"from\":1,\"kind\":\"stub\"'), "
                    + "'\"sequence\":20', '\"to\":20'), 'UTF8') "
                    + "FROM ocx_ledger.heads WHERE chain = 'auditor-0' AND sequence = 20",
                LedgerProblemKind.BadSignature,
                20
            },
        };

    [Theory]
    [MemberData(nameof(Tampering))]
    public async Task Is_found_and_named(string statement, LedgerProblemKind kind, long first)
    {
        using var home = new PostgresHome(server);
        for (int i = 0; i < 2; i++)
        {
            await using PostgresLedger ledger = await home.OpenAsync($"auditor-{i}");
            await PostgresHome.AppendAsync(ledger, (i * 20) + 1, 20);
        }

        Assert.Empty((await home.VerifyAsync()).Problems);
        Assert.True(home.Execute(statement) > 0, "nothing was changed");
        LedgerReport report = await home.VerifyAsync();
        Assert.Contains(report.Problems, problem => problem.Kind == kind && problem.First == first);
        Assert.All(report.Problems, problem => Assert.StartsWith("auditor-", problem.Chain, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cut_end_is_not_gone_on_with()
    {
        using var home = new PostgresHome(server);
        await using (PostgresLedger ledger = await home.OpenAsync())
        {
            await PostgresHome.AppendAsync(ledger, 1, 20);
        }

        home.Execute($"DELETE FROM {Records} WHERE sequence > 15");
        LedgerException refused = await Assert.ThrowsAsync<LedgerException>(() => home.OpenAsync());
        Assert.Contains("its last head knows 20", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_under_the_key_of_another_call_is_not_taken_for_that_calls()
    {
        using var home = new PostgresHome(server);
        await using PostgresLedger ledger = await home.OpenAsync();
        await PostgresHome.AppendAsync(ledger, 1, 3);
        home.Execute($"UPDATE {Records} SET call = 'suppressed' WHERE sequence = 2");
        await Assert.ThrowsAsync<LedgerException>(() =>
            ledger.AppendAsync(Home.Entry("suppressed"), TestContext.Current.CancellationToken)
        );
        await Assert.ThrowsAsync<LedgerException>(() =>
            ledger.Reader.FindLineAsync("suppressed", TestContext.Current.CancellationToken)
        );
    }
}
