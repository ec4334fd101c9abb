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
            await KilledWriter.RunAsync(home.Path, home.KeyPath, run, acknowledged, cancellation);
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
}
