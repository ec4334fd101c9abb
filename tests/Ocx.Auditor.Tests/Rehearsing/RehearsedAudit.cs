using System.Security.Cryptography;
using System.Text;
using Ocx.Api;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Rehearsing;
using Ocx.Text;

namespace Ocx.Auditor.Tests.Rehearsing;

/// <summary>Audits with <c>spec.rehearsal</c>, and calls for them.</summary>
internal static class RehearsedAudit
{
    public const string Wholesale = "effects.state.rowsDeleted > 100";

    /// <summary>An audit that refuses wholesale deletes.</summary>
    public static V1Alpha1McpAudit Spec(Action<V1Alpha1Rehearsal>? change = null, string when = Wholesale)
    {
        var rehearsal = new V1Alpha1Rehearsal
        {
            Command = ["/usr/bin/orders", "--port", "8080"],
            State =
            [
                new V1Alpha1RehearsalState
                {
                    Name = "orders",
                    Kind = RehearsalStateKind.PostgreSql,
                    ConnectionSecret = new V1Alpha1LocalKey { Name = "orders", Key = "replication" },
                    Role = "shop",
                    Variable = "DATABASE_URL",
                },
            ],
        };
        change?.Invoke(rehearsal);
        return new V1Alpha1McpAudit
        {
            Metadata = new() { Name = "orders" },
            Spec = new V1Alpha1McpAuditSpec
            {
                Server = new V1Alpha1AuditServer { Port = 8080 },
                Classes = new V1Alpha1AuditClasses
                {
                    Rules = [new V1Alpha1ClassRule { Tools = ["get_*"], Class = "Reversible" }],
                },
                Redact = new V1Alpha1Redaction { Paths = ["$.email"], Patterns = ["[0-9]{4}-[0-9]{4}"] },
                Rehearsal = rehearsal,
                Jury = new V1Alpha1AuditJury
                {
                    OnNoVotes = "Release",
                    Jurors =
                    [
                        new V1Alpha1Juror
                        {
                            Name = "rules",
                            Policy = new V1Alpha1PolicyJuror
                            {
                                Rules =
                                [
                                    new V1Alpha1PolicyRule
                                    {
                                        Name = "wholesale",
                                        When = when,
                                        Then = "Refuse",
                                        Message = "too many at once",
                                    },
                                ],
                            },
                        },
                    ],
                },
            },
        };
    }

    /// <summary>The audit, ready to judge.</summary>
    public static ActiveAudit Active(IShadows? shadows, V1Alpha1McpAudit? audit = null, TimeProvider? time = null)
    {
        var builder = new AuditBuilder(
            time ?? TimeProvider.System,
            _ => throw new InvalidOperationException("no juror is outside"),
            shadows: shadows is null ? null : _ => shadows
        );
        ActiveAudit? active = builder.Build(audit ?? Spec());
        Assert.Empty(builder.Problems);
        return active!;
    }

    /// <summary>A call as an agent tells it that masks nothing.</summary>
    public static Intent Call(string tool = "delete_orders", string arguments = """{"email":"ada@example.com"}""")
    {
        byte[] digest = new byte[CanonicalJson.DigestLength];
        if (arguments.Length == 0)
        {
            SHA256.HashData([], digest);
        }
        else
        {
            Assert.True(CanonicalJson.TryDigest(Encoding.UTF8.GetBytes(arguments), digest));
        }

        return new Intent
        {
            Key = "call-1",
            Time = DateTimeOffset.UnixEpoch,
            Method = "tools/call",
            Tool = tool,
            Arguments = Encoding.UTF8.GetBytes(arguments),
            ArgumentsDigest = Convert.ToHexStringLower(digest),
            ProtocolVersion = "2025-06-18",
        };
    }

    public static Task<LedgerEntry> JudgeAsync(ActiveAudit audit, Intent call) =>
        audit.JudgeAsync(call, "Observe", () => DateTimeOffset.UnixEpoch, TestContext.Current.CancellationToken);

    /// <summary>The rehearsal's own vote; null where there is none.</summary>
    public static JurorVote? Rehearsal(this LedgerEntry entry) =>
        entry.Verdict.Votes.SingleOrDefault(vote => vote.Juror == CallRehearsal.Juror);
}
