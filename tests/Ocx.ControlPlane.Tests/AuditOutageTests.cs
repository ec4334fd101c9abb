using System.Net;
using Grpc.Core;

namespace Ocx.ControlPlane.Tests;

/// <summary>Whatever is away for a while, each call has one record, and no acknowledged one is missing.</summary>
public sealed class AuditOutageTests(Cluster cluster)
{
    private const string Node = "audit-a";

    [Fact]
    public async Task Every_call_has_one_record_when_the_auditor_is_killed()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Node);
        await scene.PodAsync("rows-1", Node, "10.9.0.1");
        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("tool.name == 'delete'"));
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        string token = await scene.AgentTokenAsync(Node),
            instance = AuditAgent.NewInstance();
        const ulong Calls = 600;
        ulong acknowledged = 0;
        HashSet<string> sure = [];
        string last;
        using (var agent = await AuditAgent.OpenInTimeAsync(auditor, token, Node, instance))
        {
            for (ulong call = 1; call <= Calls; call++)
            {
                await agent.SendCallAsync("10.9.0.1:8080", "read");
            }

            await agent.AcknowledgedAsync(50);
            await auditor.Process.KillAsync();
            acknowledged = agent.Through;
            sure = [.. Enumerable.Range(1, (int)acknowledged).Select(call => agent.Key((ulong)call))];
            last = agent.Key(Calls);
        }

        await auditor.StartAgainAsync();
        Assert.Superset(sure, (await auditor.RecordsAsync()).Select(record => (string)record["call"]!).ToHashSet());
        using var again = await AuditAgent.OpenInTimeAsync(auditor, token, Node, instance);
        for (ulong call = 1; call <= Calls; call++)
        {
            await again.SendCallAsync("10.9.0.1:8080", "read");
        }

        await again.AcknowledgedAsync(Calls);
        var keys = (await auditor.RecordsAsync()).Select(record => (string)record["call"]!).ToList();
        Assert.Equal((int)Calls, keys.Count);
        Assert.Equal((int)Calls, keys.Distinct().Count());
        Assert.Contains(last, keys);
    }

    [Fact]
    public async Task It_judges_on_without_an_API_server_and_follows_it_when_it_is_back()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Node);
        await scene.PodAsync("rows-1", Node, "10.9.0.1");
        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("false"));
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        string token = await scene.AgentTokenAsync(Node);
        using var agent = await AuditAgent.OpenInTimeAsync(auditor, token, Node);
        Assert.NotNull(await auditor.RecordAsync(await agent.CallAsync("10.9.0.1:8080", "read")));
        await scene.ConditionAsync("rows", "RulesAccepted", "True");

        await cluster.ControlPlane.KillApiServerAsync();
        Assert.NotNull(await auditor.RecordAsync(await agent.CallAsync("10.9.0.1:8080", "read")));
        Assert.Equal(HttpStatusCode.OK, (await auditor.GetAsync("/readyz")).Code);

        // Nobody new can be proved: they are asked to come again, and are not refused for good.
        var status = await AuditAgent.RefusedAsync(auditor.Connect(), "a.b.d", Node);
        Assert.Equal(StatusCode.Unavailable, status.StatusCode);

        await cluster.StartApiServerAsync();
        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("true"));
        await scene.ConditionAsync("rows", "RulesAccepted", "True", 2);
        var record = (await auditor.RecordAsync(await agent.CallAsync("10.9.0.1:8080", "read")))!;
        Assert.Equal("Refused", (string?)record["verdict"]!["outcome"]);
        using var next = await AuditAgent.OpenInTimeAsync(auditor, await scene.AgentTokenAsync(Node), Node);
    }

    [Fact]
    public async Task It_is_not_ready_before_it_knows_the_cluster()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Node);
        await scene.PodAsync("rows-1", Node, "10.9.0.1");
        await scene.ApplyAsync(AuditScene.Shop, "rows", AuditScene.Refusing("false"));
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        string token = await scene.AgentTokenAsync(Node);
        await auditor.Process.KillAsync();
        await cluster.ControlPlane.KillApiServerAsync();
        auditor.Start();
        await Eventually.TrueAsync(
            async () => (await auditor.GetAsync("/readyz")).Code == HttpStatusCode.ServiceUnavailable,
            "it listens, and is not ready"
        );
        var status = await AuditAgent.RefusedAsync(auditor.Connect(), token, Node);
        Assert.Equal(StatusCode.Unavailable, status.StatusCode);
        await cluster.StartApiServerAsync();
        await auditor.ReadyAsync();
        using var agent = await AuditAgent.OpenInTimeAsync(auditor, await scene.AgentTokenAsync(Node), Node);
        Assert.NotNull(await auditor.RecordAsync(await agent.CallAsync("10.9.0.1:8080", "read")));
    }

    [Fact]
    public async Task A_certificate_that_is_replaced_is_shown_and_a_broken_one_is_not()
    {
        await using var scene = await AuditScene.StartAsync(cluster, Node);
        await using var auditor = await AuditorProcess.StartAsync(scene.KubeConfig);
        Assert.Equal("CN=auditor", await auditor.CertificateNameAsync());
        using var agent = await AuditAgent.OpenInTimeAsync(auditor, await scene.AgentTokenAsync(Node), Node);
        auditor.WriteCertificate("renewed");
        await Eventually.TrueAsync(
            async () => await auditor.CertificateNameAsync() == "CN=renewed",
            "the new certificate is shown"
        );
        auditor.WriteCertificate(auditor.Certificates.Issue("one").Certificate, auditor.Certificates.Issue("two").Key);
        await Eventually.TrueAsync(
            async () =>
                await auditor.CertificateNameAsync() == "CN=renewed"
                && auditor.Process.Output.Contains("cannot be used", StringComparison.Ordinal),
            "the broken one is logged, and the one before is shown"
        );
        await agent.CallAsync("10.9.0.1:8080", "read"); // a stream that was there goes on
    }
}
