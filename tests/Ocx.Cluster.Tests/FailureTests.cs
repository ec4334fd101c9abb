using k8s.Models;

namespace Ocx.Cluster.Tests;

/// <summary>What breaks while traffic goes on, and what the counts say of it.</summary>
[Collection(nameof(Alone))]
public sealed class FailureTests(Release release)
{
    [Fact]
    public async Task A_minute_without_the_API_server_loses_no_packet_and_restarts_no_agent()
    {
        Assert.SkipUnless(release.IsLocal, "the API server of a cluster of KUBECONFIG is not ours to stop");
        var agent = await release.LosesNothingAsync("alone", calls: 750, MissTheApiServerAsync);
        Assert.Equal(0, agent.Status.ContainerStatuses[0].RestartCount);
    }

    [Fact]
    public async Task A_node_that_is_drained_and_returns_keeps_its_agent_and_its_counts()
    {
        var port = Release.FreePort();
        await using var server = await release.StartServerAsync(port);
        await using var tap = await release.TapAsync(
            "drained",
            $$"""{"interface":"any","port":{{port}},"ringSize":"1Mi","reportInterval":"2s"}"""
        );
        await release.ReadyAsync("drained");
        var agent = await release.AgentAsync("drained");
        var before = await release.ConverseAsync(server.Url, calls: 5);
        await release.StatusAsync(
            "drained",
            status => status.Packets.Captured == before.Segments,
            "the first conversation is counted"
        );

        try
        {
            // On a cluster of one node the disruption budget would have the drain wait for ever.
            await release.KubectlAsync(
                "drain",
                agent.Spec.NodeName,
                "--ignore-daemonsets",
                "--force",
                "--delete-emptydir-data",
                "--disable-eviction",
                "--skip-wait-for-delete-timeout=5",
                "--timeout=120s"
            );
        }
        finally
        {
            await release.KubectlAsync("uncordon", agent.Spec.NodeName);
        }

        await using var again = await release.StartServerAsync(port);
        var after = await release.ConverseAsync(again.Url, calls: 5);
        await release.StatusAsync(
            "drained",
            status => status.Packets.Captured == before.Segments + after.Segments,
            "the counts go on"
        );
        Assert.Equal(agent.Uid(), (await release.AgentAsync("drained")).Uid());
    }

    private async Task MissTheApiServerAsync()
    {
        var script = Path.Combine(Checkout.Root, "hack/cluster/apiserver");
        await Command.RunAsync(script, ["stop"]);
        try
        {
            // No wait for anything: the minute is what the test is about.
            await Task.Delay(TimeSpan.FromMinutes(1));
        }
        finally
        {
            await Command.RunAsync(script, ["start"]);
        }

        await Eventually.TrueAsync(
            async () => (await release.KubectlAsync("get", "namespace", "default")).Length > 0,
            "the API server answers again"
        );
    }
}
