using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Audit;

/// <summary>A person decides on calls that wait: from packets to his word in the ledger.</summary>
public sealed class ApprovalTests : KernelTest
{
    // A key of the form that the redaction knows; it opens nothing.
    private const string Secret = "sk-proj-Zq8vN3xK7mT2wR5yL9bH4jD6";

    private const string Payment = $"pay Ann with {Secret}";

    private const string Audits = """
        apiVersion: ocx.dev/v1alpha1
        kind: McpAudit
        metadata:
          name: payments
        spec:
          server:
            port: 8080
          jury:
            deadline: 1m
            onNoVotes: Release
            jurors:
              - name: rules
                timeout: 50s
                policy:
                  rules:
                    - name: payments-wait
                      when: call.arguments.text.startsWith('pay')
                      then: Hold
                      message: somebody has to look at payments
        """;

    private static readonly IPEndPoint s_server = new(IPAddress.Loopback, 8080);

    [Fact]
    public async Task A_call_that_waits_is_approved_once_and_refused_until_it_expires()
    {
        using var host = new NetworkNamespace();
        using var server = new McpServerProcess(host, s_server);
        using var auditor = new AuditorProcess(Audits);
        using Process watch = auditor.Watch();
        Task<string> watched = ReadAsync(watch);
        using AgentProcess agent = AuditTests.Tap(host, auditor);

        await AuditTests.CallAsync(host, [Payment, "hello", Payment]);
        IReadOnlyList<JsonElement> first = auditor.AwaitRecords(3);
        Assert.Equal(["Held", "Held", "Released"], first.Select(Outcome).Order());
        string id = Assert.Single(Pending(auditor));
        Assert.Contains(id, Reason(first.First(record => Outcome(record) == "Held")), StringComparison.Ordinal);

        string said = auditor.Audit("approve", id, "--reason", "asked Ann");
        Assert.StartsWith($"{id} approved by root (uid 0): the next such call is released", said);
        await AuditTests.CallAsync(host, [Payment]);
        JsonElement released = auditor.AwaitRecords(4)[^1];
        Assert.Equal("Released", Outcome(released));
        Assert.Matches("^person: approved by root \\(uid 0\\) at .*: asked Ann$", Reason(released));
        Assert.Equal((1, ""), Again(auditor, id));

        await AuditTests.CallAsync(host, [Payment]);
        Assert.Equal("Held", Outcome(auditor.AwaitRecords(5)[^1]));
        string next = Assert.Single(Pending(auditor));
        Assert.NotEqual(id, next);
        auditor.Audit("refuse", next);
        await AuditTests.CallAsync(host, [Payment, Payment]);
        Assert.Equal(["Refused", "Refused"], auditor.AwaitRecords(7).TakeLast(2).Select(Outcome));

        string shown = auditor.Audit("show", released.GetProperty("call").GetString()!);
        Assert.Matches("Token: +ocxr1\\.[A-Za-z0-9_-]{80} until ", shown);
        Assert.Contains(": 7 records", auditor.Audit("verify"), StringComparison.Ordinal);
        string list = auditor.Audit("approvals", "--all", "-o", "json");
        agent.Stop();
        auditor.Kill();
        string seen = await watched;
        Assert.Equal(1, watch.ExitCode);
        Assert.Contains("the auditor is gone", seen, StringComparison.Ordinal);
        Assert.Equal(7, Count(seen, "\"kind\":\"record\""));
        Assert.Equal(5, Count(seen, "\"kind\":\"approval\"")); // asked, approved, used; asked, refused
        string everything = string.Concat(
            seen,
            list,
            shown,
            Encoding.Latin1.GetString(auditor.ApprovalBytes),
            Encoding.Latin1.GetString(auditor.LedgerBytes)
        );
        Assert.Contains("pay Ann with", list, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, everything, StringComparison.Ordinal);
        Assert.DoesNotContain("ocxr1.", Encoding.Latin1.GetString(auditor.LedgerBytes), StringComparison.Ordinal);
    }

    private static string[] Pending(AuditorProcess auditor) =>
        [
            .. auditor
                .Audit("approvals", "-o", "json")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonElement.Parse(line).GetProperty("id").GetString()!),
        ];

    private static (int, string) Again(AuditorProcess auditor, string id)
    {
        (int code, string output, string error) = auditor.TryAudit("approve", id);
        Assert.Contains($"approval {id} was used already", error, StringComparison.Ordinal);
        return (code, output);
    }

    // Both streams: what is shown, and what is said about it.
    private static async Task<string> ReadAsync(Process watch)
    {
        Task<string> errors = watch.StandardError.ReadToEndAsync();
        string output = await watch.StandardOutput.ReadToEndAsync();
        await watch.WaitForExitAsync();
        return output + await errors;
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static string Outcome(JsonElement record) =>
        record.GetProperty("verdict").GetProperty("outcome").GetString()!;

    private static string Reason(JsonElement record) =>
        record.GetProperty("verdict").GetProperty("reason").GetString()!;
}
