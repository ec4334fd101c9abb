using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Ledger;

// Appends to a ledger, the file PATH or the database of a connection string, signed by KEY, until it is killed: several
// callers at once, each saying on a line of standard output which call was acknowledged, with which number and hash.
(string place, string keyPath, string run) = (args[0], args[1], args[2]);
using LedgerSigningKey key = await LedgerKeyFile.LoadOrCreateAsync(keyPath, CancellationToken.None);
var retention = new LedgerRetention(MaxBytes: 600_000);
ILedger ledger = place.Contains("Host=", StringComparison.Ordinal)
    ? await PostgresLedger.OpenAsync(
        new PostgresLedgerOptions
        {
            ConnectionString = () => place,
            Replica = "auditor-0",
            Key = key,
            HeadEvery = 50,
            Retention = retention,
        },
        TimeProvider.System,
        CancellationToken.None
    )
    : await SqliteLedger.OpenAsync(
        new SqliteLedgerOptions
        {
            Path = place,
            Key = key,
            HeadEvery = 50,
            Retention = retention,
        },
        TimeProvider.System
    );
Stream output = Console.OpenStandardOutput();
await Task.WhenAll(Enumerable.Range(0, 16).Select(AppendAsync));

async Task AppendAsync(int caller)
{
    for (int i = 0; ; i++)
    {
        LedgerAppend done = await ledger.AppendAsync(Entry($"{run}-{caller}-{i}"), CancellationToken.None);
        byte[] line = System.Text.Encoding.ASCII.GetBytes(
            $"{run}-{caller}-{i} {done.Position.Sequence} {done.Position.Hash}\n"
        );
        lock (output)
        {
            output.Write(line);
            output.Flush();
        }
    }
}

static LedgerEntry Entry(string call) =>
    new()
    {
        Time = DateTimeOffset.UtcNow,
        Audit = new("shop", "orders", 1),
        Mode = "Observe",
        Intent = new Intent
        {
            Key = call,
            Time = DateTimeOffset.UtcNow,
            Method = "tools/call",
            Tool = "echo",
        },
        Verdict = new Verdict(Outcome.Released, "harmless", [], TimeSpan.FromMilliseconds(1)),
    };
