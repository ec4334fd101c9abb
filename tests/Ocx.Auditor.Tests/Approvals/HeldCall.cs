using System.Text;
using Ocx.Audit.Approvals;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;

namespace Ocx.Auditor.Tests.Approvals;

/// <summary>Calls that a jury holds, and what an audit says of asking people.</summary>
internal static class HeldCall
{
    public static PersonRules Rules { get; } = new("somebody", TimeSpan.FromMinutes(10), "policy");

    /// <summary>A call that one juror holds.</summary>
    public static LedgerEntry Entry(string key, Func<Intent, Intent>? change = null, string audit = "orders") =>
        new()
        {
            Time = DateTimeOffset.UnixEpoch,
            Audit = new AuditReference("shop", audit, 3),
            Mode = "Observe",
            Intent = (change ?? (intent => intent))(
                new Intent
                {
                    Key = key,
                    Time = DateTimeOffset.UnixEpoch,
                    Method = "tools/call",
                    Tool = "delete_orders",
                    Arguments = Encoding.UTF8.GetBytes("""{"all":true,"token":"[redacted]"}"""),
                    ArgumentsDigest = new string('a', 64),
                    Client = new Party { Address = "10.0.0.1:40000", Name = "claims" },
                    Server = new Party { Address = "10.0.0.2:8080" },
                }
            ),
            Verdict = new Verdict(
                Outcome.Held,
                "rules: deletes all",
                [
                    new JurorVote("rules", new Vote(Ballot.Hold, "deletes all"), TimeSpan.Zero),
                    new JurorVote("somebody", new Vote(Ballot.Hold, "a person has to decide"), TimeSpan.Zero),
                ],
                TimeSpan.Zero
            ),
        };

    /// <summary>The question that a call asks.</summary>
    public static Approval Asked(DateTimeOffset now, string key, Func<Intent, Intent>? change = null)
    {
        LedgerEntry entry = Entry(key, change);
        ApprovalBinding binding = ApprovalBinding.Of(entry.Audit, Rules.Policy, entry.Intent)!;
        return Approval.Ask(binding, entry, now, Rules.Expires);
    }
}

/// <summary>A clock that stands where the test puts it.</summary>
internal sealed class Clock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
