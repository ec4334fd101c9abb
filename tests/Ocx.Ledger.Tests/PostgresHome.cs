using Ocx.Audit.Ledger;

namespace Ocx.Ledger.Tests;

/// <summary>A database for a ledger, and a key.</summary>
internal sealed class PostgresHome(PostgresServer server) : IDisposable
{
    public string Connection { get; } = server.NewDatabase();

    public LedgerSigningKey Key { get; } = LedgerSigningKey.Create();

    /// <summary>What was warned of.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Warnings { get; } = [];

    public PostgresLedgerOptions Options(string replica = "auditor-0") =>
        new()
        {
            ConnectionString = () => Connection,
            Replica = replica,
            Key = Key,
            Warn = Warnings.Enqueue,
        };

    public Task<PostgresLedger> OpenAsync(string replica = "auditor-0") => OpenAsync(Options(replica));

    public static Task<PostgresLedger> OpenAsync(PostgresLedgerOptions options, TimeProvider? time = null) =>
        PostgresLedger.OpenAsync(options, time ?? TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Verifies all chains, as <c>ocx audit verify</c> does.</summary>
    public async Task<LedgerReport> VerifyAsync(params LedgerPublicKey[] trusted)
    {
        using var verifier = new LedgerVerifier(trusted.Length > 0 ? trusted : [Key.PublicKey]);
        var reader = new PostgresLedgerReader(new PostgresDatabase(() => Connection, "test"));
        await foreach (byte[] line in reader.LinesAsync(TestContext.Current.CancellationToken))
        {
            verifier.Read(line);
        }

        return verifier.Finish();
    }

    public int Execute(string text) => PostgresServer.Execute(Connection, text);

    public static Task<LedgerAppend[]> AppendAsync(ILedger ledger, int from, int count, Clock? clock = null) =>
        Task.WhenAll(
            Enumerable
                .Range(from, count)
                .Select(i =>
                    ledger.AppendAsync(
                        Home.Entry($"call-{i}", clock?.GetUtcNow()),
                        TestContext.Current.CancellationToken
                    )
                )
        );

    public void Dispose() => Key.Dispose();
}
