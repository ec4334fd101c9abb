using System.Text.Json.Nodes;

namespace Ocx.ControlPlane.Tests;

/// <summary>McpAudits come, change and go while calls come, and the right one judges each call.</summary>
public sealed class AuditLifeCycleTests(Cluster cluster)
{
    private const string Node = "audit-a";

    [Fact]
    public async Task A_call_is_judged_by_what_is_applied_now()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Node);
        await scene.PodAsync("rows-1", Node, "10.9.0.1");
        await scene.PodAsync("other-1", Node, "10.9.0.2", app: "other");
        await scene.PodAsync("rows-1", Node, "10.9.0.3", AuditScene.Bank);
        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("tool.name == 'delete'"));
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        using var agent = await AuditAgent.OpenInTimeAsync(auditor, await scene.AgentTokenAsync(Node), Node);

        string read = await agent.CallAsync("10.9.0.1:8080", "read"),
            delete = await agent.CallAsync("10.9.0.1:8080", "delete"),
            otherPort = await agent.CallAsync("10.9.0.1:9090", "delete"),
            otherPod = await agent.CallAsync("10.9.0.2:8080", "delete"),
            otherNamespace = await agent.CallAsync("10.9.0.3:8080", "delete");
        var record = (await auditor.RecordAsync(read))!;
        Assert.Equal("Released", (string?)record["verdict"]!["outcome"]);
        Assert.Equal(
            (AuditScene.Shop, "rows", 1),
            (
                (string?)record["audit"]!["namespace"],
                (string?)record["audit"]!["name"],
                (int?)record["audit"]!["generation"]
            )
        );
        Assert.Equal(
            (AuditScene.Shop, "rows-1"),
            ((string?)record["intent"]!["server"]!["namespace"], (string?)record["intent"]!["server"]!["pod"])
        );
        Assert.Equal("Refused", (string?)(await auditor.RecordAsync(delete))!["verdict"]!["outcome"]);
        Assert.Equal(2, (await auditor.RecordsAsync()).Count);
        Assert.All([otherPort, otherPod, otherNamespace], key => Assert.DoesNotContain(key, $"{read} {delete}"));

        // Changed: the next generation judges.
        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("tool.name == 'read'"));
        await scene.ConditionAsync("rows", "RulesAccepted", "True", 2);
        var changed = (await auditor.RecordAsync(await agent.CallAsync("10.9.0.1:8080", "read")))!;
        Assert.Equal("Refused", (string?)changed["verdict"]!["outcome"]);
        Assert.Equal(2, (int)changed["audit"]!["generation"]!);

        // Before it in the order of names: another one takes the call.
        await scene.ApplyAsync(AuditScene.Shop, "before", AuditScene.Refusing("false"));
        await scene.ConditionAsync("before", "RulesAccepted", "True");
        string taken = await agent.CallAsync("10.9.0.1:8080", "read");
        Assert.Equal("before", (string?)(await auditor.RecordAsync(taken))!["audit"]!["name"]);

        // The bank's own audit has the bank's pod.
        await scene.ApplyAsync(AuditScene.Bank, "rows", AuditScene.Refusing("false"));
        string banked = string.Empty;
        await Eventually.TrueAsync(
            async () => await auditor.RecordAsync(banked = await agent.CallAsync("10.9.0.3:8080", "read")) is not null,
            "the bank's audit judges"
        );
        Assert.Equal(AuditScene.Bank, (string?)(await auditor.RecordAsync(banked))!["audit"]!["namespace"]);

        // Deleted: nobody judges.
        await scene.DeleteAsync("rows");
        await scene.DeleteAsync("before");
        await Eventually.TrueAsync(
            async () => await auditor.RecordAsync(await agent.CallAsync("10.9.0.1:8080", "read")) is null,
            "no audit judges any more"
        );
    }

    [Fact]
    public async Task Its_status_has_the_counts_of_its_calls_also_after_a_restart()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Node);
        await scene.PodAsync("rows-1", Node, "10.9.0.1");
        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("tool.name.startsWith('d')"));
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        string token = await scene.AgentTokenAsync(Node);
        using (var agent = await AuditAgent.OpenInTimeAsync(auditor, token, Node))
        {
            foreach (string tool in new[] { "delete", "delete", "drop", "read" })
            {
                await agent.CallAsync("10.9.0.1:8080", tool);
            }
        }

        await StatusAsync(scene, total: 4, refused: 3);
        var status = (await scene.AuditAsync("rows")).Status!;
        Assert.Equal(1, status.Calls.Released);
        Assert.Equal([("delete", 2), ("drop", 1)], status.ToolsRefusedMost!.Select(tool => (tool.Name, tool.Refused)));
        Assert.NotNull(status.Latency);
        Assert.Equal("True", status.Conditions!.Single(one => one.Type == "JurorsReady").Status);
        Assert.Null(status.ObservedGeneration); // the operator's

        // A steady state writes nothing.
        string version = (await scene.AuditAsync("rows")).Metadata.ResourceVersion;
        await Task.Delay(TimeSpan.FromSeconds(11), TestContext.Current.CancellationToken);
        Assert.Equal(version, (await scene.AuditAsync("rows")).Metadata.ResourceVersion);

        await auditor.Process.KillAsync();
        await auditor.StartAgainAsync();
        using (var agent = await AuditAgent.OpenInTimeAsync(auditor, token, Node))
        {
            await agent.CallAsync("10.9.0.1:8080", "drop");
        }

        await StatusAsync(scene, total: 5, refused: 4);

        // One of the same name begins at zero.
        await scene.DeleteAsync("rows");
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("false"));
        await StatusAsync(scene, total: 0, refused: 0);
    }

    [Fact]
    public async Task A_spec_that_cannot_be_used_leaves_the_one_before_in_place()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Node);
        await scene.PodAsync("rows-1", Node, "10.9.0.1");
        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("true"));
        await scene.ApplyAsync(AuditScene.Shop, "wrong", AuditScene.Refusing("tool.nmae == 'x'"));
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        using var agent = await AuditAgent.OpenInTimeAsync(auditor, await scene.AgentTokenAsync(Node), Node);
        await scene.ConditionAsync("rows", "RulesAccepted", "True");
        var never = await scene.ConditionAsync("wrong", "RulesAccepted", "False");
        Assert.Contains("no call is judged", never.Message, StringComparison.Ordinal);
        Assert.Contains("nmae", never.Message, StringComparison.Ordinal);

        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("tool.name =="));
        var refused = await scene.ConditionAsync("rows", "RulesAccepted", "False", 2);
        Assert.Equal("RulesRefused", refused.Reason);
        Assert.Contains("generation 1 goes on judging", refused.Message, StringComparison.Ordinal);
        var record = (await auditor.RecordAsync(await agent.CallAsync("10.9.0.1:8080", "read")))!;
        Assert.Equal(("Refused", 1), ((string?)record["verdict"]!["outcome"], (int)record["audit"]!["generation"]!));

        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("false"));
        await scene.ConditionAsync("rows", "RulesAccepted", "True", 3);
        record = (await auditor.RecordAsync(await agent.CallAsync("10.9.0.1:8080", "read")))!;
        Assert.Equal(("Released", 3), ((string?)record["verdict"]!["outcome"], (int)record["audit"]!["generation"]!));
    }

    [Fact]
    public async Task A_pod_that_is_told_of_late_is_waited_for_and_one_that_never_is_is_not()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Node);
        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("false"));
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        await scene.ConditionAsync("rows", "RulesAccepted", "True");
        using var agent = await AuditAgent.OpenInTimeAsync(auditor, await scene.AgentTokenAsync(Node), Node);
        // It waits two seconds. Where the API server took longer to tell of a pod, it is the next pod's turn.
        JsonNode? record = null;
        for (ulong pod = 1; record is null; pod++)
        {
            Assert.InRange(pod, 1ul, 5ul);
            string early = await agent.SendCallAsync($"10.9.0.{pod}:8080", "read");
            await scene.PodAsync($"rows-{pod}", Node, $"10.9.0.{pod}");
            await agent.AcknowledgedAsync(pod);
            record = await auditor.RecordAsync(early);
        }

        const string Unknown = "ocx_auditor_calls_of_unknown_servers_total";
        double before = await auditor.MetricAsync(Unknown);
        Assert.Null(await auditor.RecordAsync(await agent.CallAsync("10.9.0.99:8080", "read")));
        Assert.Equal(before + 1, await auditor.MetricAsync(Unknown));
    }

    private static Task<TimeSpan> StatusAsync(AuditScene scene, long total, long refused) =>
        Eventually.TrueAsync(
            async () =>
                (await scene.AuditAsync("rows")).Status is { Conditions: not null, Calls: { } calls }
                && (calls.Total, calls.Refused) == (total, refused),
            $"the status counts {total} calls, {refused} refused"
        );
}
