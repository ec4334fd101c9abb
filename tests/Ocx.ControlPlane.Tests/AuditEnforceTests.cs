using Grpc.Core;

namespace Ocx.ControlPlane.Tests;

/// <summary>In mode Enforce gates have their rules and verdicts, and the McpAudit says what is held.</summary>
public sealed class AuditEnforceTests(Cluster cluster)
{
    private const string Node = "audit-gate-a",
        OtherNode = "audit-gate-b",
        Spec =
            """
                {
                  "server": {"podSelector": {"matchLabels": {"app": "rows"}}},
                  "mode": "Enforce",
                  "gate": {"maxHold": "50s"},
                  "jury": {
                    "onNoVotes": "Release",
                    "deadline": "45s",
                    "jurors": [
                      {"name": "rules", "timeout": "40s", "policy": {"rules": [
                        {"name": "no", "when": "tool.name == 'delete'", "then": "Refuse", "message": "it deletes"},
                        {"name": "ask", "when": "tool.name == 'pay'", "then": "Hold"}
                      ]}}
                    ]
                  }
                }
                """;

    [Fact]
    public async Task Calls_are_held_and_decided_and_the_status_says_so()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Node, OtherNode);
        await scene.PodAsync("rows-1", Node, "10.9.1.1");
        await scene.PodAsync("rows-2", OtherNode, "10.9.1.2");
        await scene.ApplyAsync(AuditScene.Shop, "rows", Spec);
        await scene.ApplyAsync(AuditScene.Shop, "z-observes", AuditScene.Refusing("true"));
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        var none = await scene.ConditionAsync("rows", "Enforcing", "False");
        Assert.Equal("NoGate", none.Reason);
        Assert.Contains($"{Node}, {OtherNode}", none.Message, StringComparison.Ordinal);
        await Eventually.TrueAsync(
            async () => (await scene.AuditAsync("z-observes")).Status?.Conditions is { Count: > 0 },
            "the audit that observes has conditions"
        );
        Assert.DoesNotContain(
            (await scene.AuditAsync("z-observes")).Status!.Conditions!,
            one => one.Type == "Enforcing"
        );

        // Nobody's gate: an agent's token, a node that is not its own. Their pods are known before.
        string token = await scene.GateTokenAsync(Node),
            agentToken = await scene.AgentTokenAsync(Node);
        using (await AuditGate.OpenInTimeAsync(auditor, token, Node)) { }
        using (await AuditAgent.OpenInTimeAsync(auditor, agentToken, Node)) { }
        Assert.Equal(StatusCode.PermissionDenied, await RefusedAsync(auditor, agentToken, Node));
        Assert.Equal(StatusCode.PermissionDenied, await RefusedAsync(auditor, token, OtherNode));
        Assert.Equal(StatusCode.Unauthenticated, await RefusedAsync(auditor, null, Node));
        Assert.Equal(
            StatusCode.PermissionDenied,
            (await AuditAgent.RefusedAsync(auditor.Connect(), token, Node)).StatusCode
        );

        using AuditGate gate = await AuditGate.OpenAsync(auditor.Connect(), token, Node);
        await gate.RulesAsync("shop/rows: rows-1");
        await Eventually.TrueAsync(
            async () => (await scene.ConditionAsync("rows", "Enforcing", "False")).Reason == "GatesMissing",
            "one node has its gate, and the other has none"
        );
        await scene.PodAsync("rows-3", Node, "10.9.1.3");
        await gate.RulesAsync("shop/rows: rows-1 rows-3");
        using AuditGate other = await AuditGate.OpenInTimeAsync(
            auditor,
            await scene.GateTokenAsync(OtherNode),
            OtherNode
        );
        await other.RulesAsync("shop/rows: rows-2");
        await scene.ConditionAsync("rows", "Enforcing", "True");

        string read = await gate.AskAsync(AuditScene.Shop, "rows-1", "read"),
            delete = await gate.AskAsync(AuditScene.Shop, "rows-3", "delete"),
            foreign = await gate.AskAsync(AuditScene.Shop, "rows-2", "read"),
            pay = await gate.AskAsync(AuditScene.Shop, "rows-1", "pay");
        Assert.True((await gate.VerdictAsync(read)).Release);
        var refused = await gate.VerdictAsync(delete);
        Assert.Equal((false, -32090, "shop/rows"), (refused.Release, refused.Code, refused.Audit));
        Assert.Contains("it deletes", refused.Reason, StringComparison.Ordinal);
        Assert.False((await gate.VerdictAsync(foreign)).Release); // no pod of its node
        Assert.Null(await auditor.RecordAsync(foreign));

        // An agent of the node tells of the same; its word is not judged.
        using var agent = await AuditAgent.OpenInTimeAsync(auditor, agentToken, Node);
        Assert.Null(await auditor.RecordAsync(await agent.CallAsync("10.9.1.1:8080", "read")));

        await Eventually.TrueAsync(
            async () => (await scene.AuditAsync("rows")).Status?.Holds?.Waiting == 1,
            "the status says that a call waits"
        );
        Assert.False(gate.HasVerdict(pay));
        string approval = (
            await cluster.ControlPlane.KubectlAsync("get", "mcpapprovals", "-n", AuditScene.Shop, "-o", "name")
        ).Trim();
        await cluster.ControlPlane.KubectlAsync(
            "patch",
            approval,
            "-n",
            AuditScene.Shop,
            "--subresource=status",
            "--type=merge",
            "-p",
            """{"status":{"decision":"Approve"}}"""
        );
        Assert.True((await gate.VerdictAsync(pay)).Release);
        await gate.EndAsync(pay, TimeSpan.FromMilliseconds(300));
        await Eventually.TrueAsync(
            async () => (await scene.AuditAsync("rows")).Status is { Holds: { Waiting: 0, Total: 1 }, Calls.Total: 3 },
            "the status has what became of them"
        );
        var status = (await scene.AuditAsync("rows")).Status!;
        Assert.Equal((2, 1, 0), (status.Calls.Released, status.Calls.Refused, status.Calls.Held));
        Assert.InRange(status.Holds!.P99Milliseconds, 200, 450);

        gate.Dispose();
        await scene.ConditionAsync("rows", "Enforcing", "False");
    }

    private static async Task<StatusCode> RefusedAsync(AuditorProcess auditor, string? token, string node)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            using var gate = await AuditGate.OpenAsync(auditor.Connect(), token, node);
        });
        return refusal.StatusCode;
    }
}
