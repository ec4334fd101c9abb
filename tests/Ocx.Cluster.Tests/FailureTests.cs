namespace Ocx.Cluster.Tests;

/// <summary>What breaks while traffic goes on, and what the counts say of it.</summary>
[Collection(nameof(Alone))]
public sealed class FailureTests(Release release)
{
    [Fact]
    public async Task Operators_that_are_deleted_under_traffic_are_not_missed_and_the_counts_catch_up()
    {
        var server = await release.StartServerAsync(8101);
        await release.TapAsync("headless", """{"interface":"any","port":8101,"ringSize":"1Mi","reportInterval":"2s"}""");
        await release.ReadyAsync("headless");
        var agent = await release.AgentAsync("headless");
        var client = await release.StartClientAsync(server, calls: 150, callsPerSecond: 10);
        await release.StatusAsync("headless", status => status.Packets.Captured > 0, "the traffic is counted");

        await release.KubectlAsync("-n", Release.Namespace, "delete", "pods", "-l", "app.kubernetes.io/name=ocx-tap", "--wait=false");
        var said = await release.EndAsync(client);
        await release.StatusAsync("headless", status => status.Packets.Captured == said.Segments && status.Packets.Dropped == 0, "all of it is counted", seconds: 90);
        Assert.Equal(agent, await release.AgentAsync("headless"));
        await release.KubectlAsync("delete", "mcptap", "headless");
    }

    [Fact]
    public async Task A_minute_without_the_API_server_loses_no_packet_and_restarts_no_agent()
    {
        Assert.SkipUnless(release.IsLocal, "the API server of a cluster of KUBECONFIG is not ours to stop");
        var server = await release.StartServerAsync(8102);
        await release.TapAsync("alone", """{"interface":"any","port":8102,"ringSize":"1Mi","reportInterval":"2s"}""");
        await release.ReadyAsync("alone");
        var agent = await release.AgentAsync("alone");
        var client = await release.StartClientAsync(server, calls: 750, callsPerSecond: 10);
        await release.StatusAsync("alone", status => status.Packets.Captured > 0, "the traffic is counted");

        var script = Path.Combine(Release.Root, "hack/cluster/apiserver");
        await Command.RunAsync(script, ["stop"]);
        await Task.Delay(TimeSpan.FromMinutes(1));
        await Command.RunAsync(script, ["start"]);
        await Eventually.TrueAsync(async () => (await release.KubectlAsync("get", "namespace", "default")).Length > 0, 60, "the API server answers again");
        var said = await release.EndAsync(client, seconds: 180);
        await release.StatusAsync("alone", status => status.Packets.Captured == said.Segments && status.Packets.Dropped == 0, "all of it is counted", seconds: 90);
        Assert.Equal(agent, await release.AgentAsync("alone"));
        Assert.Equal("0", await release.KubectlAsync(
            "-n", Release.Namespace, "get", "pod", agent, "-o", "jsonpath={.status.containerStatuses[0].restartCount}"));
        await release.KubectlAsync("delete", "mcptap", "alone");
    }

    [Fact]
    public async Task A_node_that_is_drained_and_returns_keeps_its_agent_and_its_counts()
    {
        var server = await release.StartServerAsync(8103);
        await release.TapAsync("drained", """{"interface":"any","port":8103,"ringSize":"1Mi","reportInterval":"2s"}""");
        await release.ReadyAsync("drained");
        var agent = await release.AgentAsync("drained");
        var before = await release.ConverseAsync(server, calls: 5);
        await release.StatusAsync("drained", status => status.Packets.Captured == before.Segments, "the first conversation is counted");

        var node = (await release.KubectlAsync("-n", Release.Namespace, "get", "pod", agent, "-o", "jsonpath={.spec.nodeName}")).Trim();
        try
        {
            // On a cluster of one node the disruption budget would have the drain wait for ever.
            await release.KubectlAsync("drain", node, "--ignore-daemonsets", "--force", "--delete-emptydir-data", "--disable-eviction", "--timeout=60s");
        }
        finally
        {
            await release.KubectlAsync("uncordon", node);
        }

        var after = await release.ConverseAsync(await release.StartServerAsync(8103), calls: 5);
        await release.StatusAsync("drained", status => status.Packets.Captured == before.Segments + after.Segments, "the counts go on", seconds: 90);
        Assert.Equal(agent, await release.AgentAsync("drained"));
        await release.KubectlAsync("delete", "mcptap", "drained");
    }
}
