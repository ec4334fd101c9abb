using System.Net;
using Ocx.Kernel.Tests.Audit;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>The call that takes another one back passes the gate, which holds and refuses it like any other.</summary>
public sealed class RevertThroughGateTests : KernelTest
{
    private const string Enforced = """
        apiVersion: ocx.dev/v1alpha1
        kind: McpAudit
        metadata:
          name: orders
        spec:
          mode: Enforce
          server:
            port: 8080
          classes:
            rules:
              - tools: [echo]
                class: Reversible
          compensate:
            path: /
            rules:
              - tools: [echo]
                call:
                  tool: delete_orders
                  arguments:
                    customer: "call.arguments.text.contains('refused') ? 'all' : 'ann'"
          jury:
            onNoVotes: Release
            jurors:
              - name: rules
                policy:
                  rules:
                    - name: withheld
                      when: tool.name == 'echo'
                      then: Refuse
                    - name: no-deletes
                      when: tool.name == 'delete_orders' && call.arguments.customer == 'all'
                      then: Refuse
        """;

    [Fact]
    public async Task A_call_whose_result_a_gate_withheld_is_taken_back_through_that_gate()
    {
        string journal = Path.GetTempFileName();
        try
        {
            using var pair = new VethPair("10.0.0.1/24", "10.0.0.2/24");
            var address = new IPEndPoint(pair.ServerAddress, 8080);
            using var server = new McpServerProcess(pair.Server, address, "--journal", journal);
            using var auditor = new AuditorProcess(Enforced, pair.Client);
            using var gate = new GateProcess(pair.Server, auditor);
            await RevertTests.CallAsync(
                pair.Client,
                address,
                "echo",
                "text",
                "withheld, taken back" + new string('.', 500)
            );
            await RevertTests.CallAsync(
                pair.Client,
                address,
                "echo",
                "text",
                "withheld, refused" + new string('.', 500)
            );
            string[] tokens =
            [
                .. auditor
                    .AwaitRecords(2)
                    .OrderBy(record => record.GetProperty("intent").GetProperty("time").GetString())
                    .Select(record => RevertTests.TokenOf(auditor, record.GetProperty("call").GetString()!)),
            ];

            Assert.Matches("Answer: +no orders of ann are left\n", auditor.Audit("revert", tokens[0], "--yes"));
            (int code, string said, string error) = auditor.TryAudit("revert", tokens[1], "--yes");
            Assert.Equal(1, code);
            Assert.Contains("failed (error -32090), and the token is used up", error, Ordinal);
            Assert.Matches("Answer: .*refused by audit: rules: rule 'no-deletes'", said);
            Assert.Equal(
                ["echo", "echo", "delete_orders"],
                File.ReadAllLines(journal).Select(line => line.Split(' ')[0])
            );
            gate.Stop();
        }
        finally
        {
            File.Delete(journal);
        }
    }

    private static StringComparison Ordinal => StringComparison.Ordinal;
}
