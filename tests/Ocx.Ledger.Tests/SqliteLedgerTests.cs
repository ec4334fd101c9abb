using Microsoft.Data.Sqlite;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger.Tests;

public sealed class SqliteLedgerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_appended_is_found_and_verifies()
    {
        using var home = new Home();
        await using (SqliteLedger ledger = await home.OpenAsync(home.Options with { HeadEvery = 7 }))
        {
            LedgerAppend[] appends = await AppendAsync(ledger, 1, 100);
            Assert.Equal(
                Enumerable.Range(1, 100).Select(i => (long)i),
                appends.Select(a => a.Position.Sequence).Order()
            );
            LedgerRecord? found = await ledger.Reader.FindAsync("call-42", Cancellation);
            Assert.Equal(appends[41].Position, found!.Position);
            Assert.Null(await ledger.Reader.FindAsync("call-101", Cancellation));
            List<LedgerRecord> newest = await ledger.Reader.NewestAsync(3, Cancellation).ToListAsync(Cancellation);
            Assert.Equal([100L, 99, 98], newest.Select(record => record.Position.Sequence));
        }

        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal((100, 100), (report.Chains[0].Records, report.Chains[0].SignedThrough));
    }

    [Fact]
    public async Task A_call_has_one_record_however_often_it_is_appended()
    {
        using var home = new Home();
        await using SqliteLedger ledger = await home.OpenAsync();
        LedgerAppend[] appends = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => ledger.AppendAsync(Home.Entry("same", reason: $"{i}"), Cancellation))
        );
        Assert.Single(appends.Select(append => append.Position).Distinct());
        Assert.Single(appends, append => !append.Existed);
        LedgerAppend again = await ledger.AppendAsync(Home.Entry("same"), Cancellation);
        Assert.Equal((true, appends[0].Position), (again.Existed, again.Position));
        LedgerAppend other = await ledger.AppendAsync(Home.Entry("other"), Cancellation);
        Assert.Equal((false, 2), (other.Existed, other.Position.Sequence));
    }

    [Fact]
    public async Task A_ledger_goes_on_where_it_ended()
    {
        using var home = new Home();
        string chain = "";
        for (int run = 0; run < 3; run++)
        {
            await using SqliteLedger ledger = await home.OpenAsync();
            chain = run == 0 ? ledger.Chain : chain;
            Assert.Equal(chain, ledger.Chain);
            await AppendAsync(ledger, (run * 10) + 1, 10);
            Assert.True((await ledger.AppendAsync(Home.Entry("call-1"), Cancellation)).Existed);
        }

        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(30, report.Chains[0].Records);
    }

    [Fact]
    public async Task Heads_are_signed_as_time_passes()
    {
        using var home = new Home();
        var clock = new Clock();
        await using SqliteLedger ledger = await home.OpenAsync(time: clock);
        await AppendAsync(ledger, 1, 3);
        Assert.Equal(0, (await home.VerifyAsync()).Chains[0].SignedThrough);
        clock.Move(TimeSpan.FromSeconds(61));
        await UntilAsync(async () => (await home.VerifyAsync()).Chains[0].SignedThrough == 3);
        long lines = (await home.VerifyAsync()).Lines;
        clock.Move(TimeSpan.FromSeconds(61));
        await AppendAsync(ledger, 1, 3); // they are there, so nothing is written
        Assert.Equal(lines, (await home.VerifyAsync()).Lines);
    }

    [Fact]
    public async Task Old_records_are_dropped_and_the_rest_verifies()
    {
        using var home = new Home();
        var clock = new Clock();
        await using SqliteLedger ledger = await home.OpenAsync(
            home.Options with
            {
                Retention = new(MaxAge: TimeSpan.FromHours(1)),
                HeadEvery = 10,
            },
            clock
        );
        await AppendAsync(ledger, 1, 25, clock);
        clock.Move(TimeSpan.FromMinutes(40));
        await AppendAsync(ledger, 26, 25, clock);
        clock.Move(TimeSpan.FromMinutes(40));
        await UntilAsync(async () => (await home.VerifyAsync()).Chains[0].Dropped == 25);
        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal((25, 50), (report.Chains[0].Records, report.Chains[0].Last));
        clock.Move(TimeSpan.FromMinutes(40));
        await UntilAsync(async () => (await home.VerifyAsync()).Chains[0].Dropped == 50);
        LedgerAppend next = (await AppendAsync(ledger, 51, 1, clock))[0];
        Assert.Equal(51, next.Position.Sequence);
        report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(1, report.Chains[0].Records);
    }

    [Fact]
    public async Task An_emptied_ledger_goes_on_where_it_ended()
    {
        using var home = new Home();
        var clock = new Clock();
        SqliteLedgerOptions options = home.Options with { Retention = new(MaxAge: TimeSpan.FromHours(1)) };
        await using (SqliteLedger ledger = await home.OpenAsync(options, clock))
        {
            await AppendAsync(ledger, 1, 5, clock);
            clock.Move(TimeSpan.FromHours(2));
            await UntilAsync(async () => (await home.VerifyAsync()).Chains[0].Dropped == 5);
        }

        await using (SqliteLedger ledger = await home.OpenAsync(options, clock))
        {
            Assert.Equal(6, (await AppendAsync(ledger, 6, 1, clock))[0].Position.Sequence);
        }

        Assert.Empty((await home.VerifyAsync()).Problems);
    }

    [Fact]
    public async Task A_ledger_stays_within_its_size()
    {
        using var home = new Home();
        const long Most = 4 << 20;
        await using (SqliteLedger ledger = await home.OpenAsync(home.Options with { Retention = new(MaxBytes: Most) }))
        {
            for (int i = 0; i < 15; i++)
            {
                await AppendAsync(ledger, (i * 1000) + 1, 1000);
            }
        }

        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(15_000, report.Chains[0].Last);
        Assert.InRange(report.Chains[0].Dropped, 1, 15_000 - 1000);
        Assert.InRange(new FileInfo(home.Path).Length, 0, Most + (Most / 2));
    }

    [Fact]
    public async Task Keys_are_changed_while_it_runs_and_between_runs()
    {
        using var home = new Home();
        using LedgerSigningKey second = LedgerSigningKey.Create();
        using LedgerSigningKey third = LedgerSigningKey.Create();
        await using (SqliteLedger ledger = await home.OpenAsync())
        {
            await AppendAsync(ledger, 1, 5);
            await ledger.RotateAsync(second, Cancellation);
            await AppendAsync(ledger, 6, 5);
        }

        LedgerException refused = await Assert.ThrowsAsync<LedgerException>(() =>
            home.OpenAsync(home.Options with { Key = third })
        );
        Assert.Contains(second.Id, refused.Message, StringComparison.Ordinal);
        SqliteLedgerOptions next = home.Options with { Key = third, PreviousKey = second };
        await using (SqliteLedger ledger = await home.OpenAsync(next))
        {
            await AppendAsync(ledger, 11, 5);
        }

        await using (SqliteLedger ledger = await home.OpenAsync(next)) // the same words do no harm afterwards
        {
            await AppendAsync(ledger, 16, 5);
        }

        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(20, report.Chains[0].SignedThrough);
    }

    [Fact]
    public async Task A_stub_by_a_later_key_verifies_from_the_first_key_on()
    {
        using var home = new Home();
        using LedgerSigningKey second = LedgerSigningKey.Create();
        var clock = new Clock();
        await using SqliteLedger ledger = await home.OpenAsync(
            home.Options with
            {
                Retention = new(MaxAge: TimeSpan.FromHours(1)),
            },
            clock
        );
        await AppendAsync(ledger, 1, 5, clock);
        await ledger.RotateAsync(second, Cancellation);
        await AppendAsync(ledger, 6, 5, clock);
        clock.Move(TimeSpan.FromHours(2));
        await AppendAsync(ledger, 11, 5, clock);
        await UntilAsync(async () => (await home.VerifyAsync()).Chains[0].Dropped == 10);
        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(5, report.Chains[0].Records);
    }

    [Fact]
    public async Task A_second_writer_is_refused()
    {
        using var home = new Home();
        await using SqliteLedger ledger = await home.OpenAsync();
        LedgerException refused = await Assert.ThrowsAsync<LedgerException>(() => home.OpenAsync());
        Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_else_can_read_the_files()
    {
        using var home = new Home();
        await using SqliteLedger ledger = await home.OpenAsync();
        await AppendAsync(ledger, 1, 1);
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(home.Path)!))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task What_is_no_ledger_or_a_damaged_one_is_refused()
    {
        using var home = new Home();
        await File.WriteAllTextAsync(home.Path, "no database at all, but long enough to look at", Cancellation);
        Assert.Contains("damaged", await RefusalAsync(home), StringComparison.Ordinal);
        File.Delete(home.Path);

        await using (var other = new SqliteConnection($"Data Source={home.Path};Pooling=False"))
        {
            await other.OpenAsync(Cancellation);
            await using SqliteCommand command = other.CreateCommand();
            command.CommandText = "CREATE TABLE t (x)";
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        Assert.Contains("is no ledger", await RefusalAsync(home), StringComparison.Ordinal);
        File.Delete(home.Path);

        await using (SqliteLedger ledger = await home.OpenAsync())
        {
            await AppendAsync(ledger, 1, 2000);
        }

        byte[] whole = await File.ReadAllBytesAsync(home.Path, Cancellation);
        byte[] damaged = [.. whole];
        damaged.AsSpan(whole.Length / 4, whole.Length / 2).Fill(0xaa);
        await File.WriteAllBytesAsync(home.Path, damaged, Cancellation);
        Assert.Contains("damaged", await RefusalInUseAsync(home), StringComparison.Ordinal);
        File.Delete(home.Path + "-wal");
        File.Delete(home.Path + "-shm");
        await File.WriteAllBytesAsync(home.Path, whole[..(whole.Length / 2)], Cancellation);
        Assert.Contains("damaged", await RefusalInUseAsync(home), StringComparison.Ordinal);
        File.Delete(home.Path + "-wal");
        File.Delete(home.Path + "-shm");
        await File.WriteAllBytesAsync(home.Path, whole, Cancellation);
        await using (await home.OpenAsync())
        {
            // It was the damage.
        }
    }

    [Fact]
    public async Task A_cut_end_is_refused()
    {
        using var home = new Home();
        await using (SqliteLedger ledger = await home.OpenAsync())
        {
            await AppendAsync(ledger, 1, 20);
        }

        await ExecuteAsync(home, "DELETE FROM records WHERE sequence > 15");
        Assert.Contains("its last head knows 20", await RefusalAsync(home), StringComparison.Ordinal);
        LedgerProblem problem = Assert.Single((await home.VerifyAsync()).Problems);
        Assert.Equal((LedgerProblemKind.Cut, 16, 20), (problem.Kind, problem.First, problem.Last));
    }

    [Fact]
    public async Task What_is_changed_in_the_database_is_found()
    {
        using var home = new Home();
        await using (SqliteLedger ledger = await home.OpenAsync())
        {
            await AppendAsync(ledger, 1, 20);
        }

        await ExecuteAsync(
            home,
            "UPDATE records SET line = CAST(replace(CAST(line AS TEXT), 'harmless', 'Harmless') AS BLOB) "
                + "WHERE sequence = 7"
        );
        LedgerProblem problem = Assert.Single((await home.VerifyAsync()).Problems);
        Assert.Equal((LedgerProblemKind.Changed, 7), (problem.Kind, problem.First));
    }

    [Fact]
    public async Task A_failed_write_is_told_and_the_chain_stays_whole()
    {
        using var home = new Home();
        await using (SqliteLedger ledger = await home.OpenAsync())
        {
            await AppendAsync(ledger, 1, 5);
            await ExecuteAsync(home, "CREATE TRIGGER no BEFORE INSERT ON records BEGIN SELECT raise(ABORT, 'no'); END");
            await Assert.ThrowsAsync<LedgerException>(() => AppendAsync(ledger, 6, 5));
            await ExecuteAsync(home, "DROP TRIGGER no");
            Assert.Equal(6, (await AppendAsync(ledger, 6, 1))[0].Position.Sequence);
        }

        LedgerReport report = await home.VerifyAsync();
        Assert.Empty(report.Problems);
        Assert.Equal(6, report.Chains[0].Records);
    }

    [Fact]
    public async Task A_closed_ledger_says_so()
    {
        using var home = new Home();
        SqliteLedger ledger = await home.OpenAsync();
        await ledger.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.AppendAsync(Home.Entry("late"), Cancellation));
    }

    private static Task<LedgerAppend[]> AppendAsync(SqliteLedger ledger, int from, int count, Clock? clock = null) =>
        Task.WhenAll(
            Enumerable
                .Range(from, count)
                .Select(i => ledger.AppendAsync(Home.Entry($"call-{i}", clock?.GetUtcNow()), Cancellation))
        );

    private static async Task<string> RefusalAsync(Home home) =>
        (await Assert.ThrowsAsync<LedgerException>(() => home.OpenAsync())).Message;

    // When it is opened, or as soon as the damage is found.
    private static async Task<string> RefusalInUseAsync(Home home)
    {
        LedgerException refusal = await Assert.ThrowsAsync<LedgerException>(async () =>
        {
            await using SqliteLedger ledger = await home.OpenAsync();
            while (true)
            {
                await ledger.AppendAsync(Home.Entry(Guid.NewGuid().ToString("n")), Cancellation);
                await Task.Delay(10, Cancellation);
            }
        });
        return refusal.Message;
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

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(10, Cancellation);
        }
    }
}
