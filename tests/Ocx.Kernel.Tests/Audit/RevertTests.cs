using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Audit;

/// <summary>A call is taken back: from packets to the compensating call that reaches the server.</summary>
public sealed partial class RevertTests : KernelTest
{
    // A key of the form that the redaction knows; it opens nothing.
    private const string Secret = "sk-proj-Zq8vN3xK7mT2wR5yL9bH4jD6";

    private const string Audits = """
        apiVersion: ocx.dev/v1alpha1
        kind: McpAudit
        metadata:
          name: orders
        spec:
          server:
            port: 8080
          compensate:
            path: /
            rules:
              - tools: [cancel_order]
                call:
                  tool: restore_order
                  arguments:
                    order: call.arguments.order
              - tools: [echo]
                call:
                  tool: echo
                  arguments:
                    text: "'not ' + call.arguments.text"
          jury:
            deadline: 1m
            onNoVotes: Release
            jurors:
              - name: rules
                timeout: 50s
                policy:
                  rules:
                    - name: no-deletes
                      when: tool.name.startsWith('delete_')
                      then: Refuse
        """;

    private static readonly IPEndPoint s_server = new(IPAddress.Loopback, 8080);

    [Fact]
    public async Task A_token_takes_its_call_back_once_and_a_call_with_a_secret_is_irreversible()
    {
        string journal = Path.GetTempFileName();
        try
        {
            using var host = new NetworkNamespace();
            using var server = new McpServerProcess(host, s_server, "--journal", journal);
            using var auditor = new AuditorProcess(Audits, host);
            using AgentProcess agent = AuditTests.Tap(host, auditor);
            await CallAsync(host, s_server, "cancel_order", "order", 42);
            await CallAsync(host, s_server, "add", "a", 1);
            await CallAsync(host, s_server, "echo", "text", $"the key is {Secret}");
            JsonElement[] records = [.. auditor.AwaitRecords(3)];

            string call = KeyOf(records, "cancel_order");
            string token = TokenOf(auditor, call);
            string plan = auditor.Audit("revert", token);
            Assert.Matches("Revert: +restore_order \\{\"order\":42\\}\n", plan);
            Assert.Matches("Server: +http://127.0.0.1:8080/\n", plan);
            Assert.Matches("Used: +no\n", plan);
            Refused(auditor, token[..^1] + (token[^1] == 'A' ? 'B' : 'A'), "the token was altered, or was never made");
            Refused(auditor, "ocxr1." + new string('A', 80), "no call in the ledger has this token");
            Refused(auditor, TokenOf(auditor, KeyOf(records, "add")), "its audit declares no call that takes it back");
            Refused(auditor, TokenOf(auditor, KeyOf(records, "echo")), "it reads what is masked");
            Assert.DoesNotContain(File.ReadAllLines(journal), line => line.StartsWith("restore", Ordinal));

            string said = auditor.Audit("revert", token, "--yes", "--reason", "Ann asked");
            Assert.Matches("Used: +by root \\(uid 0\\) at .*: ok\n", said);
            Assert.Matches("Answer: +order 42 is restored\n", said);
            Refused(auditor, token, "the token was used already, by root (uid 0)");
            auditor.KillAndStartAgain();
            Refused(auditor, token, "the token was used already, by root (uid 0)");
            Assert.Single(File.ReadAllLines(journal), line => line.StartsWith("restore", Ordinal));

            // The three calls, the revert's two records, and the compensating call, which the agent sees as any other.
            auditor.AwaitRecords(6);
            Assert.Matches("restore_order .* Reverted .*: ok\n", auditor.Audit("list"));
            string shown = auditor.Audit("show", call);
            Assert.Matches("Reverted: +by root \\(uid 0\\) at .*: ok\n", shown);
            Assert.Contains(": 6 records", auditor.Audit("verify"), Ordinal);
            agent.Stop();
            string everything = string.Concat([
                plan,
                said,
                shown,
                .. auditor.Log,
                Encoding.Latin1.GetString(auditor.LedgerBytes),
            ]);
            Assert.DoesNotContain(Secret, everything, Ordinal);
            Assert.DoesNotContain(token, Encoding.Latin1.GetString(auditor.LedgerBytes), Ordinal);
        }
        finally
        {
            File.Delete(journal);
        }
    }

    private static StringComparison Ordinal => StringComparison.Ordinal;

    private static void Refused(AuditorProcess auditor, string token, string why)
    {
        (int code, _, string error) = auditor.TryAudit("revert", token, "--yes");
        Assert.Contains(why, error, Ordinal);
        Assert.Equal(1, code);
    }

    /// <summary>The revert token of a call, as people read it.</summary>
    internal static string TokenOf(AuditorProcess auditor, string call) =>
        Token().Match(auditor.Audit("show", call)).Value;

    private static string KeyOf(IEnumerable<JsonElement> records, string tool) =>
        records
            .Single(record => record.GetProperty("intent").GetProperty("tool").GetString() == tool)
            .GetProperty("call")
            .GetString()!;

    /// <summary>Calls a tool by the SDK's client; its result may be withheld.</summary>
    internal static async Task CallAsync(
        NetworkNamespace host,
        IPEndPoint server,
        string tool,
        string name,
        object value
    )
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using SocketsHttpHandler handler = host.HttpTo(server, socket => new RecordedConnection(socket));
        using var http = new HttpClient(handler);
        await using McpClient client = await SdkClient.ConnectAsync(http, server, cancellation);
        try
        {
            await client.CallToolAsync(
                tool,
                new Dictionary<string, object?> { [name] = value, ["b"] = 1 },
                cancellationToken: cancellation
            );
        }
        catch (McpProtocolException refused) when ((int)refused.ErrorCode == -32090)
        {
            // It ran.
        }
    }

    [GeneratedRegex("ocxr1\\.[A-Za-z0-9_-]{80}")]
    private static partial Regex Token();
}
