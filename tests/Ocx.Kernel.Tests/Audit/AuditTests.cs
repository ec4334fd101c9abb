using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelContextProtocol.Client;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Audit;

/// <summary>
/// From packets to the ledger, on one machine: the SDK's client and server, agent, auditor and <c>ocx audit</c>.
/// </summary>
public sealed class AuditTests : KernelTest
{
    // A key of the form that the redaction knows; it opens nothing.
    private const string Secret = "sk-proj-Zq8vN3xK7mT2wR5yL9bH4jD6";

    private const string Audits = """
        apiVersion: ocx.dev/v1alpha1
        kind: McpAudit
        metadata:
          name: echoes
        spec:
          server:
            port: 8080
          classes:
            rules:
              - tools: [echo]
                class: Reversible
          jury:
            deadline: 1m
            jurors:
              - name: rules
                timeout: 50s
                policy:
                  rules:
                    - name: no-deletes
                      when: has(call.arguments.text) && call.arguments.text.startsWith('delete')
                      then: Refuse
                      message: nothing is deleted
                    - name: no-credentials
                      when: call.credentialInArguments
                      then: Hold
              - name: signals
                signal:
                  regularityPercent: 0
                  sizeFactor: 0
                  callsPerMinute: 0
        """;

    private static readonly IPEndPoint s_server = new(IPAddress.Loopback, 8080);

    [Fact]
    public async Task Each_call_has_one_record_with_its_verdict_and_no_secret_is_in_any_of_it()
    {
        string encoded = Convert.ToBase64String(RandomNumberGenerator.GetBytes(3000));
        (string Text, string Outcome, string Reason)[] calls =
        [
            ("hello", "Released", ""),
            ("delete all orders", "Refused", "nothing is deleted"),
            ($"the key is {Secret}", "Held", "no-credentials"),
            (encoded, "Held", "look encoded"),
            ("goodbye", "Released", ""),
        ];
        using var host = new NetworkNamespace();
        using var server = new McpServerProcess(host, s_server);
        using var auditor = new AuditorProcess(Audits);
        using AgentProcess agent = Tap(host, auditor);
        await CallAsync(host, calls.Select(call => call.Text));

        IReadOnlyList<JsonElement> records = [.. auditor.AwaitRecords(calls.Length).OrderBy(StartOf)];
        Assert.Equal(calls.Length, records.Count);
        foreach ((JsonElement record, (string text, string outcome, string reason)) in records.Zip(calls))
        {
            JsonElement verdict = record.GetProperty("verdict");
            Assert.Equal((text, outcome), (text, verdict.GetProperty("outcome").GetString()));
            string said = verdict.TryGetProperty("reason", out JsonElement why) ? why.GetString()! : string.Empty;
            Assert.Contains(reason, said, StringComparison.Ordinal);
            Assert.Equal("Reversible", record.GetProperty("intent").GetProperty("class").GetString());
            Assert.Equal(64, record.GetProperty("intent").GetProperty("digest").GetString()!.Length);
        }

        string list = auditor.Audit("list", "-o", "wide");
        string shown = string.Concat(
            records.Select(record => auditor.Audit("show", record.GetProperty("call").GetString()!))
        );
        Assert.Contains("signals Hold", shown, StringComparison.Ordinal);
        Assert.Contains(": 5 records", auditor.Audit("verify"), StringComparison.Ordinal);
        agent.Stop();
        string everything = string.Concat([
            list,
            shown,
            .. auditor.Log,
            .. agent.Log,
            Encoding.Latin1.GetString(auditor.LedgerBytes),
        ]);
        Assert.DoesNotContain(Secret, everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_call_has_one_record_when_the_auditor_is_killed_under_way()
    {
        const int Rounds = 4,
            Calls = 50;
        using var host = new NetworkNamespace();
        using var server = new McpServerProcess(host, s_server);
        using var auditor = new AuditorProcess(Audits);
        using AgentProcess agent = Tap(host, auditor);
        for (int round = 0; round < Rounds; round++)
        {
            Task calling = CallAsync(host, Enumerable.Range(0, Calls).Select(call => $"round {round} call {call}"));
            auditor.AwaitRecords((round * Calls) + 1);
            auditor.KillAndStartAgain();
            await calling;
        }

        IReadOnlyList<JsonElement> records = auditor.AwaitRecords(Rounds * Calls);
        Assert.Equal(
            from round in Enumerable.Range(0, Rounds)
            from call in Enumerable.Range(0, Calls)
            select $"round {round} call {call}",
            records.OrderBy(StartOf).Select(Text)
        );
        Assert.Equal(
            records.Count,
            records.Select(record => record.GetProperty("call").GetString()).Distinct().Count()
        );
        Assert.Contains($": {Rounds * Calls} records", auditor.Audit("verify"), StringComparison.Ordinal);
        agent.Stop();
    }

    internal static AgentProcess Tap(NetworkNamespace host, AuditorProcess auditor) =>
        AgentProcess.Start(
            host,
            "--interface",
            "lo",
            "--port",
            "8080",
            "--events",
            "none",
            "--auditor",
            auditor.Address
        );

    internal static async Task CallAsync(NetworkNamespace @namespace, IEnumerable<string> texts)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using SocketsHttpHandler handler = @namespace.HttpTo(s_server, socket => new RecordedConnection(socket));
        using var http = new HttpClient(handler);
        await using McpClient client = await SdkClient.ConnectAsync(http, s_server, cancellation);
        foreach (string text in texts)
        {
            await client.CallToolAsync(
                "echo",
                new Dictionary<string, object?> { ["text"] = text },
                cancellationToken: cancellation
            );
        }
    }

    private static string StartOf(JsonElement record) => record.GetProperty("intent").GetProperty("time").GetString()!;

    private static string Text(JsonElement record) =>
        JsonElement
            .Parse(record.GetProperty("intent").GetProperty("arguments").GetString()!)
            .GetProperty("text")
            .GetString()!;
}
