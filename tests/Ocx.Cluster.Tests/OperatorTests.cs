using k8s.Models;

namespace Ocx.Cluster.Tests;

/// <summary>The operator's pods are replaced while taps are in use.</summary>
public sealed class OperatorTests(Release release)
{
    [Fact]
    public async Task Operators_that_are_deleted_under_traffic_are_not_missed_and_the_counts_catch_up()
    {
        await using var server = await release.StartServerAsync(8101);
        await release.TapAsync("headless", """{"interface":"any","port":8101,"ringSize":"1Mi","reportInterval":"2s"}""");
        await release.ReadyAsync("headless");
        var agent = await release.AgentAsync("headless");
        var client = await release.StartClientAsync(server.Url, calls: 150, callsPerSecond: 10);
        await release.StatusAsync("headless", status => status.Packets.Captured > 0, "the traffic is counted");

        await release.KubectlAsync("-n", Release.Namespace, "delete", "pods", "-l", "app.kubernetes.io/name=ocx-tap", "--wait=false");
        var said = await release.EndAsync(client);
        await release.StatusAsync("headless", status => status.Packets.Captured == said.Segments && status.Packets.Dropped == 0, "all of it is counted", seconds: 90);
        Assert.Equal(agent.Uid(), (await release.AgentAsync("headless")).Uid());
        await release.KubectlAsync("delete", "mcptap", "headless");
    }

    [Fact]
    public async Task An_upgrade_under_traffic_leaves_agents_and_counts_alone()
    {
        await using var server = await release.StartServerAsync(8110);
        await release.TapAsync("kept", """{"interface":"any","port":8110,"ringSize":"1Mi","reportInterval":"2s"}""");
        await release.ReadyAsync("kept");
        var agent = await release.AgentAsync("kept");
        var client = await release.StartClientAsync(server.Url, calls: 200, callsPerSecond: 10);
        await release.StatusAsync("kept", status => status.Packets.Captured > 0, "the traffic is counted");

        await release.InstallAsync("operator.podAnnotations.changed=yes");
        var said = await release.EndAsync(client);
        await release.StatusAsync("kept", status => status.Packets.Captured == said.Segments && status.Packets.Dropped == 0, "all of it is counted", seconds: 90);
        Assert.Equal(agent.Uid(), (await release.AgentAsync("kept")).Uid());
        await release.KubectlAsync("delete", "mcptap", "kept");
    }
}
