using System.Diagnostics;
using System.Globalization;
using Ocx.State.Clones;
using Ocx.State.Postgres;
using Ocx.State.Processes;
using Ocx.State.Redis;
using Ocx.State.Tests.Servers;

namespace Ocx.State.Tests.Pools;

public sealed class KilledKeeperTests(Programs programs)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_killed_keeper_leaves_is_gone_after_the_next_opens_the_folder()
    {
        await using PostgresServer postgres = await PostgresServer.StartAsync(programs);
        await using RedisSourceServer redis = await RedisSourceServer.StartAsync(programs);
        string path = programs.NewFolder();
        using Process keeper = Start(path, postgres.Source, redis.Source);
        try
        {
            Assert.Equal("ready", await keeper.StandardOutput.ReadLineAsync(Ct));
            Assert.Equal(2, Directory.GetDirectories(path).Length);
            await Assert.ThrowsAsync<IOException>(() => CloneFolder.OpenAsync(path));
            string[] note = File.ReadAllLines(
                Directory.GetFiles(path, "postmaster.pid", SearchOption.AllDirectories)[0]
            );
            string segment = note[6].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];

            keeper.Kill();
            await keeper.WaitForExitAsync(Ct);

            // The kernel has told the clones' processes.
            await Eventually.TrueAsync(() => FolderProcesses.Find(path).Count == 0);
            using CloneFolder folder = await CloneFolder.OpenAsync(path);
            Assert.Empty(Directory.GetDirectories(path));
            Assert.DoesNotContain(
                File.ReadLines("/proc/sysvipc/shm"),
                line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] == segment
            );
        }
        finally
        {
            keeper.Kill();
            await keeper.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task Processes_that_outlive_their_keeper_are_ended_by_the_next()
    {
        string path = programs.NewFolder();
        string left = RunAs.Default.MakeFolder(Path.Combine(path, "c-1"));
        using Process other = Process.Start(new ProcessStartInfo("sleep", "1000") { WorkingDirectory = left })!;
        using CloneFolder folder = await CloneFolder.OpenAsync(path);
        await other.WaitForExitAsync(Ct);
        Assert.Empty(Directory.GetDirectories(path));
    }

    private static Process Start(string path, PostgresSource postgres, RedisSource redis) =>
        Process.Start(
            new ProcessStartInfo(
                Checkout.PathOf("artifacts", "dotnet", "bin", "Ocx.State.Keeper", "debug", "Ocx.State.Keeper"),
                [
                    path,
                    postgres.Port.ToString(CultureInfo.InvariantCulture),
                    postgres.Password,
                    postgres.Programs,
                    redis.Port.ToString(CultureInfo.InvariantCulture),
                    redis.Password!,
                    redis.Program,
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
}
