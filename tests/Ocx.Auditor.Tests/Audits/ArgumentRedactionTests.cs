using System.Text;
using Ocx.Api;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Audits;

namespace Ocx.Auditor.Tests.Audits;

public sealed class ArgumentRedactionTests
{
    [Fact]
    public async Task What_an_audit_names_reaches_neither_its_jurors_nor_the_record()
    {
        var juror = new Reader();
        using ActiveAudit audit = Build(juror, paths: ["$.user.email"], patterns: ["[0-9]{3}-[0-9]{4}"])!;
        LedgerEntry entry = await audit.JudgeAsync(
            Call("""{"user":{"email":"ada@example.com","name":"Ada"},"note":"call 555-1234 now"}"""),
            "Observe",
            () => DateTimeOffset.UnixEpoch,
            TestContext.Current.CancellationToken
        );
        const string Masked = """{"user":{"email":"[redacted]","name":"Ada"},"note":"call [redacted] now"}""";
        Assert.Equal(Masked, juror.Arguments);
        Assert.Equal(Masked, Encoding.UTF8.GetString(entry.Intent.Arguments.Span));
        Assert.Equal("d1", entry.Intent.ArgumentsDigest);
    }

    [Fact]
    public async Task Arguments_that_masks_would_make_too_long_are_masked_whole()
    {
        var juror = new Reader();
        using ActiveAudit audit = Build(juror, paths: [], patterns: ["x"])!;
        await audit.JudgeAsync(
            Call($"\"{new string('x', 1 << 19)}\""),
            "Observe",
            () => DateTimeOffset.UnixEpoch,
            TestContext.Current.CancellationToken
        );
        Assert.DoesNotContain("x", juror.Arguments, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_is_none_is_the_audits_problem() =>
        Assert.Null(Build(new Reader(), paths: ["user.email"], patterns: []));

    private static ActiveAudit? Build(IJuror juror, string[] paths, string[] patterns) =>
        new AuditBuilder(TimeProvider.System, _ => juror).Build(
            new V1Alpha1McpAudit
            {
                Metadata = new() { Name = "orders" },
                Spec = new V1Alpha1McpAuditSpec
                {
                    Server = new V1Alpha1AuditServer { Port = 8080 },
                    Redact = new V1Alpha1Redaction { Paths = paths, Patterns = patterns },
                    Jury = new V1Alpha1AuditJury
                    {
                        Jurors = [new V1Alpha1Juror { Name = "person", Person = new V1Alpha1PersonJuror() }],
                    },
                },
            }
        );

    private static Intent Call(string arguments) =>
        new()
        {
            Key = "call-1",
            Time = DateTimeOffset.UnixEpoch,
            Method = "tools/call",
            Tool = "echo",
            Arguments = Encoding.UTF8.GetBytes(arguments),
            ArgumentsComplete = true,
            ArgumentsDigest = "d1",
        };

    private sealed class Reader : IJuror
    {
        public string Name => "person";

        public string Arguments { get; private set; } = string.Empty;

        public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation)
        {
            Arguments = Encoding.UTF8.GetString(intent.Arguments.Span);
            return ValueTask.FromResult(Vote.Abstain);
        }
    }
}
