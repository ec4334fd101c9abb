using System.Text;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;

namespace Ocx.Audit.Tests.Ledger;

/// <summary>Ledgers to verify and to tamper with.</summary>
internal static class Sample
{
    public const string Chain = "auditor-0";

    public static DateTimeOffset Time { get; } = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    public static LedgerEntry Entry(string key = "call", string tool = "delete_rows") =>
        new()
        {
            Time = Time,
            Audit = new("shop", "orders", 3),
            Mode = "Observe",
            Intent = new Intent
            {
                Key = key,
                Time = Time,
                Method = "tools/call",
                Tool = tool,
                Arguments = """{"table":"orders","where":"1=1"}"""u8.ToArray(),
                ArgumentsDigest = new string('a', 64),
                RequestBytes = 180,
                Client = new Party { Address = "10.0.0.1:40000", Workload = "deployment/agent" },
                Server = new Party { Address = "10.0.0.2:3001", Pod = "orders-0" },
                Hints = new ToolHints(null, true, null, false),
            },
            Verdict = new Verdict(
                Outcome.Refused,
                "deletes all rows",
                [
                    new JurorVote(
                        "policy",
                        new Vote(Ballot.Refuse, "deletes all rows"),
                        TimeSpan.FromMilliseconds(0.2)
                    ),
                    new JurorVote("signal", Vote.Abstain, TimeSpan.FromMilliseconds(3), "timeout"),
                ],
                TimeSpan.FromMilliseconds(3.25)
            ),
        };

    /// <summary>Records from 1, with a head at the start, one behind each ten, and one at the end.</summary>
    public static List<byte[]> Ledger(int records, LedgerSigningKey key, string chain = Chain)
    {
        LedgerPosition at = LedgerPosition.Start;
        List<byte[]> lines = [Head(chain, at, key)];
        for (int i = 1; i <= records; i++)
        {
            LedgerLine line = LedgerRecordWriter.Write(chain, at, Entry($"call-{i}"));
            lines.Add(line.Bytes.ToArray());
            at = line.Position;
            if (i % 10 == 0 || i == records)
            {
                lines.Add(Head(chain, at, key));
            }
        }

        return lines;
    }

    public static byte[] Head(string chain, LedgerPosition at, LedgerSigningKey key, LedgerPublicKey? next = null) =>
        LedgerSeals.WriteHead(chain, at, Time, key, next).Bytes.ToArray();

    public static LedgerReport Verify(IEnumerable<byte[]> lines, params LedgerPublicKey[] trusted)
    {
        using var verifier = new LedgerVerifier(trusted);
        foreach (byte[] line in lines)
        {
            verifier.Read(line);
        }

        return verifier.Finish();
    }

    /// <summary>A line's text.</summary>
    public static string Text(byte[] line) => Encoding.UTF8.GetString(line);

    /// <summary>Where record N stands among the lines.</summary>
    public static int IndexOf(List<byte[]> lines, long record) =>
        lines.FindIndex(line =>
            line.AsSpan().IndexOf("\"kind\":\"record\""u8) >= 0
            && line.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"\"sequence\":{record},")) >= 0
        );
}
