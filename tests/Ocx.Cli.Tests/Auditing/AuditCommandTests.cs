using System.Security.Cryptography;
using System.Text.Json;

namespace Ocx.Cli.Tests.Auditing;

/// <summary><c>ocx audit test</c> and <c>verify</c>, on a recorded session and without an auditor.</summary>
public sealed class AuditCommandTests : IDisposable
{
    private const string Audit = """
        apiVersion: ocx.dev/v1alpha1
        kind: McpAudit
        metadata:
          name: trial
        spec:
          server:
            port: 18081
          jury:
            onNoVotes: Release
            jurors:
              - name: rules
                policy:
                  rules:
                    - name: no-echo
                      when: tool.name == 'echo'
                      then: Refuse
                      message: nothing is echoed
              - name: somebody
                person: {}
        """;

    // It cannot know results.
    private const string Compensate =
        "  compensate: {rules: [{tools: [take], call: {tool: untake, arguments: {x: result.id}}}]";

    private readonly string _folder = Directory.CreateTempSubdirectory("ocx-audit-").FullName;

    private static string Capture => CaptureFiles.PathOf("ts-streamable");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Test_tells_what_would_have_been_decided_and_asks_nobody()
    {
        Ocx json = await Ocx.RunAsync("audit", "test", Write("a.yaml", Audit), Capture, "-o", "json");
        Assert.Equal((0, string.Empty), (json.ExitCode, json.Errors));
        Assert.NotEmpty(json.Lines);
        foreach (JsonElement record in json.Lines.Select(line => JsonElement.Parse(line)))
        {
            bool isEcho = record.GetProperty("intent").GetProperty("tool").GetString() == "echo";
            Assert.Equal(
                isEcho ? "Refused" : "Released",
                record.GetProperty("verdict").GetProperty("outcome").GetString()
            );
        }

        Ocx table = await Ocx.RunAsync("audit", "test", Write("a.yaml", Audit), Capture);
        Assert.StartsWith("TIME ", table.Lines[0], StringComparison.Ordinal);
        Assert.Contains(table.Lines, line => line.EndsWith("nothing is echoed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_would_be_rehearsed_is_not_in_a_test_and_counts_as_failed()
    {
        string audit = Audit
            .Replace("  jury:", "  rehearsal: {command: [server]}\n  jury:", StringComparison.Ordinal)
            .Replace("tool.name == 'echo'", "effects.state.rowsDeleted > 1", StringComparison.Ordinal);
        Ocx json = await Ocx.RunAsync("audit", "test", Write("a.yaml", audit), Capture, "-o", "json");
        Assert.Contains("no call is rehearsed here", json.Errors, StringComparison.Ordinal);
        JsonElement record = JsonElement.Parse(json.Lines[0]);
        Assert.Equal("Held", record.GetProperty("verdict").GetProperty("outcome").GetString());
        Assert.Equal("not carried out here", record.GetProperty("rehearsal").GetProperty("failure").GetString());
        Assert.Contains(
            "rule 'no-echo': the call was not rehearsed to its end: not carried out here",
            json.Lines[0],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Replay_shows_the_verdicts_beside_the_calls()
    {
        string audits = Write("a.yaml", Audit);
        Ocx plain = await Ocx.RunAsync("replay", Capture);
        Ocx table = await Ocx.RunAsync("replay", Capture, "--audit", audits);
        Assert.Equal((0, plain.Lines.Length), (table.ExitCode, table.Lines.Length));
        Assert.EndsWith(" VERDICT   REASON", table.Lines[0], StringComparison.Ordinal);
        Assert.Contains(
            table.Lines,
            line => line.Contains(" initialize ", StringComparison.Ordinal) && line.EndsWith("  -")
        );
        Assert.Contains(
            table.Lines,
            line =>
                line.Contains(" echo ", StringComparison.Ordinal)
                && line.EndsWith("Refused   rules: rule 'no-echo': nothing is echoed", StringComparison.Ordinal)
        );

        Ocx json = await Ocx.RunAsync("replay", Capture, "--audit", audits, "-o", "json");
        JsonElement[] calls = [.. json.Lines.Select(line => JsonElement.Parse(line))];
        Assert.Equal(plain.Lines.Length - 1, calls.Length);
        Assert.All(
            calls,
            call =>
            {
                bool isTool = call.GetProperty("method").GetString() == "tools/call";
                Assert.Equal(isTool, call.TryGetProperty("audit", out JsonElement audit));
                Assert.True(
                    !isTool
                        || (audit.GetProperty("verdict").GetString() == "Refused")
                            == (call.GetProperty("name").GetString() == "echo")
                );
            }
        );
    }

    [Theory]
    [InlineData("tool.name ==", "tool.nam ==", "did you mean 'name'?")]
    [InlineData("policy:", "polcy:", "polcy")]
    [InlineData("kind: McpAudit", "kind: McpTap", "must be of kind McpAudit")]
    [InlineData("port: 18081", "port: [", "b.yaml: ")]
    [InlineData("then: Refuse", "then: refuse", "none of")]
    [InlineData("person: {}", "person: {}\n        signal: {}", "exactly one of")]
    [InlineData("tool.name == 'echo'", "effects.state.rowsDeleted > 1", "where spec.rehearsal has calls rehearsed")]
    [InlineData("  jury:", "  rehearsal: {command: []}\n  jury:", "spec.rehearsal.command: it is a program")]
    [InlineData("  jury:", "  rehearsal: {command: [a], onFailure: Release}\n  jury:", "it is Hold, Refuse or Abstain")]
    [InlineData(
        "  jury:",
        "  rehearsal: {command: [a], classes: [Both]}\n  jury:",
        "spec.rehearsal.classes: it is none"
    )]
    [InlineData("- name: somebody", "- name: rehearsal", "that is the rehearsal's own vote")]
    [InlineData("  jury:", "  compensate: {rules: []}\n  jury:", "spec.compensate.rules: there are 1 to 64")]
    [InlineData("  jury:", Compensate + ", path: mcp}\n  jury:", "spec.compensate.path: it is /")]
    [InlineData("  jury:", Compensate + "}\n  jury:", "untake: the argument 'x': ")]
    [InlineData("  jury:", Compensate + "}\n  jury:", "there is no variable 'result'")]
    public async Task An_audit_that_cannot_be_used_is_said(string right, string wrong, string message)
    {
        string file = Write("b.yaml", Audit.Replace(right, wrong, StringComparison.Ordinal));
        Ocx refused = await Ocx.RunAsync("audit", "test", file, Capture);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(message, refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_tells_which_record_is_not_as_it_was_written()
    {
        Ocx written = await Ocx.RunAsync("audit", "test", Write("a.yaml", Audit), Capture, "-o", "json");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string pem = Write("key.pem", key.ExportSubjectPublicKeyInfoPem());
        string whole = Write("whole.ndjson", string.Join('\n', written.Lines) + "\n");
        Ocx right = await Ocx.RunAsync("audit", "verify", whole, "--key", pem);
        Assert.Equal(0, right.ExitCode);
        Assert.StartsWith($"test: {written.Lines.Length} records", right.Lines[0], StringComparison.Ordinal);

        string[] changed = [.. written.Lines];
        changed[1] = changed[1].Replace("Irreversible", "Reversible", StringComparison.Ordinal);
        Ocx wrong = await Ocx.RunAsync(
            "audit",
            "verify",
            Write("changed.ndjson", string.Join('\n', changed) + "\n"),
            "--key",
            pem
        );
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains(wrong.Lines, line => line.Contains("record 2 was changed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_an_auditor_it_is_said_what_to_do()
    {
        Ocx alone = await Ocx.RunAsync("audit", "list", "--auditor", $"unix:{_folder}/none.sock");
        Assert.Equal(2, alone.ExitCode);
        Assert.Contains("is ocx-auditor running there", alone.Errors, StringComparison.Ordinal);
        Ocx revert = await Ocx.RunAsync("audit", "revert", "ocxr1.a", "--auditor", $"unix:{_folder}/none.sock");
        Assert.Equal(2, revert.ExitCode);
        Assert.Contains("is ocx-auditor running there", revert.Errors, StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
