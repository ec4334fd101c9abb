using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger.Tests;

/// <summary>A folder with a ledger in it, and a key; both go when the test ends.</summary>
internal sealed class Home : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ocx-ledger-");

    public string Path => System.IO.Path.Combine(_folder.FullName, "ledger.db");

    public string KeyPath => System.IO.Path.Combine(_folder.FullName, "ledger.pem");

    public LedgerSigningKey Key { get; } = LedgerSigningKey.Create();

    public SqliteLedgerOptions Options => new() { Path = Path, Key = Key };

    public Task<SqliteLedger> OpenAsync(SqliteLedgerOptions? options = null, TimeProvider? time = null) =>
        SqliteLedger.OpenAsync(options ?? Options, time ?? TimeProvider.System);

    public Task<LedgerReport> VerifyAsync() => VerifyAsync(Path, Key.PublicKey);

    public static async Task<LedgerReport> VerifyAsync(string path, params LedgerPublicKey[] trusted)
    {
        using var verifier = new LedgerVerifier(trusted);
        await foreach (byte[] line in SqliteLedgerReader.Open(path).LinesAsync(TestContext.Current.CancellationToken))
        {
            verifier.Read(line);
        }

        return verifier.Finish();
    }

    public static LedgerEntry Entry(
        string call,
        DateTimeOffset? time = null,
        string reason = "harmless",
        Outcome outcome = Outcome.Released,
        string tool = "echo",
        string audit = "orders",
        double tookMs = 0
    )
    {
        DateTimeOffset asked = time ?? DateTimeOffset.UtcNow;
        return new()
        {
            Time = asked.AddMilliseconds(tookMs),
            Audit = new("shop", audit, 1),
            Mode = "Observe",
            Intent = new Intent
            {
                Key = call,
                Time = asked,
                Method = "tools/call",
                Tool = tool,
            },
            Verdict = new Verdict(outcome, reason, [], TimeSpan.FromMilliseconds(1)),
        };
    }

    public void Dispose()
    {
        Key.Dispose();
        _folder.Delete(recursive: true);
    }
}
