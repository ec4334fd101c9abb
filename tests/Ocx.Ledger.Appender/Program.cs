using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Ledger;

// Appends to the ledger PATH, signed by KEY, until it is killed: several callers at once, each saying on a line of
// standard output which call was acknowledged, with which number and hash.
(string path, string keyPath, string run) = (args[0], args[1], args[2]);
using LedgerSigningKey key = await LedgerKeyFile.LoadOrCreateAsync(keyPath, CancellationToken.None);
var options = new SqliteLedgerOptions
{
    Path = path,
    Key = key,
    HeadEvery = 50,
    MaxBytes = 600_000,
};
SqliteLedger ledger = await SqliteLedger.OpenAsync(options, TimeProvider.System);
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
