using System.Diagnostics;
using System.Globalization;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger.Tests;

public sealed class CrashTests
{
    [Fact]
    public async Task What_was_acknowledged_is_there_whenever_the_writer_is_killed()
    {
        const int Runs = 8;
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using var home = new Home();
        var acknowledged = new List<(string Call, LedgerPosition Position)>();
        for (int run = 0; run < Runs; run++)
        {
            await RunAsync(home, run, acknowledged, cancellation);
            using LedgerSigningKey key = await LedgerKeyFile.LoadOrCreateAsync(home.KeyPath, cancellation);
            LedgerReport report = await Home.VerifyAsync(home.Path, key.PublicKey);
            Assert.Empty(report.Problems);
            LedgerChainReport chain = Assert.Single(report.Chains);
            Assert.Equal(acknowledged.Count, acknowledged.Select(each => each.Position.Sequence).Distinct().Count());
            Dictionary<string, LedgerPosition> kept = await SqliteLedgerReader
                .Open(home.Path)
                .NewestAsync(int.MaxValue, cancellation)
                .ToDictionaryAsync(record => record.Entry.Intent.Key, record => record.Position, null, cancellation);
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

    private static async Task RunAsync(
        Home home,
        int run,
        List<(string, LedgerPosition)> acknowledged,
        CancellationToken cancellation
    )
    {
        string name = "Ocx.Ledger.Appender";
        string program = Path.Combine(AppContext.BaseDirectory, "..", "..", name, "debug", $"{name}.dll");
        using Process child = Process.Start(
            new ProcessStartInfo("dotnet", [program, home.Path, home.KeyPath, $"run{run}"])
            {
                RedirectStandardOutput = true,
            }
        )!;
        try
        {
            // Killed at some acknowledgement, while others are on their way; then what it had said is read to the end.
            int last = Random.Shared.Next(1, 1500);
            while (await child.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                if (last-- == 0)
                {
                    child.Kill();
                }

                string[] parts = line.Split(' ');
                if (parts is [_, _, { Length: 64 }]) // the last line may be cut
                {
                    acknowledged.Add(
                        (parts[0], new LedgerPosition(long.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]))
                    );
                }
            }

            Assert.True(last < 0, "the writer ended by itself");
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(CancellationToken.None);
        }
    }
}
