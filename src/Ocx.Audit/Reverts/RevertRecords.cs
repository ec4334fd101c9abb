using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;

namespace Ocx.Audit.Reverts;

/// <summary>
/// What a ledger keeps of a revert: one record before the compensating call is made, which uses the token up, and one
/// when it is over. A ledger has one record of a key, whoever writes it, so one revert of a token begins.
/// </summary>
public static class RevertRecords
{
    /// <summary>The mode of such records.</summary>
    public const string Mode = "Revert";

    /// <summary>The status of a compensating call that succeeded.</summary>
    public const string Ok = "ok";

    /// <summary>The key of the record that a revert begins with. No call has such a key.</summary>
    /// <param name="token">The token's Id.</param>
    public static string BeginKey(string token) => $"revert-{token}";

    /// <summary>The key of the record that says how it went.</summary>
    /// <param name="token">The token's Id.</param>
    public static string EndKey(string token) => EndOf(BeginKey(token));

    /// <summary>The record that a revert begins with.</summary>
    /// <param name="record">The call that is taken back; it has a token and a plan.</param>
    /// <param name="by">Who takes it back.</param>
    /// <param name="reason">Why, in his words; may be empty.</param>
    /// <param name="now">The time.</param>
    public static LedgerEntry Begin(LedgerRecord record, string by, string reason, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(record);
        LedgerEntry entry = record.Entry;
        return new LedgerEntry
        {
            Time = now,
            Audit = entry.Audit,
            Mode = Mode,
            Intent = new Intent
            {
                Key = BeginKey(entry.RevertTokenId!),
                Time = now,
                Method = "tools/call",
                Tool = entry.Plan!.Tool,
                Arguments = entry.Plan.Arguments,
                Client = new Party { Name = by },
                Server = entry.Intent.Server,
            },
            Verdict = new Verdict(Outcome.Released, $"takes back call {entry.Intent.Key}", [], TimeSpan.Zero),
            Reverts = new RevertAct(entry.Intent.Key, by, reason),
        };
    }

    /// <summary>The record that says how it went.</summary>
    /// <param name="begun">The record that it began with.</param>
    /// <param name="status"><see cref="Ok"/>, or what went wrong in a few words, none of them the server's.</param>
    /// <param name="took">How long the compensating call took.</param>
    /// <param name="now">The time.</param>
    public static LedgerEntry End(LedgerEntry begun, string status, TimeSpan took, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(begun);
        return begun with
        {
            Time = now,
            Intent = begun.Intent with { Key = EndOf(begun.Intent.Key), Time = now },
            Result = new CallResult(status, took),
        };
    }

    private static string EndOf(string beginKey) => $"{beginKey}-end";
}
