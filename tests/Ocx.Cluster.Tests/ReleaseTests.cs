namespace Ocx.Cluster.Tests;

/// <summary>Upgrade and removal of the release.</summary>
[Collection(nameof(Alone))]
public sealed class ReleaseTests(Release release)
{
    [Fact]
    public async Task An_upgrade_under_traffic_leaves_agents_and_counts_alone()
    {
        var server = await release.StartServerAsync(8110);
        await release.TapAsync("kept", """{"interface":"any","port":8110,"ringSize":"1Mi","reportInterval":"2s"}""");
        await release.ReadyAsync("kept");
        var agent = await release.AgentAsync("kept");
        var client = await release.StartClientAsync(server, calls: 200, callsPerSecond: 10);
        await release.StatusAsync("kept", status => status.Packets.Captured > 0, "the traffic is counted");

        await release.InstallAsync("operator.podAnnotations.changed=yes");
        var said = await release.EndAsync(client);
        await release.StatusAsync("kept", status => status.Packets.Captured == said.Segments && status.Packets.Dropped == 0, "all of it is counted", seconds: 90);
        Assert.Equal(agent, await release.AgentAsync("kept"));
        await release.KubectlAsync("delete", "mcptap", "kept");
    }

    [Fact]
    public async Task An_uninstalled_release_leaves_its_taps_tapping_until_they_are_deleted_and_then_nothing_on_the_node()
    {
        var server = await release.StartServerAsync(8111);
        await release.TapAsync("staying", """{"interface":"any","port":8111,"ringSize":"1Mi","reportInterval":"2s"}""");
        await release.ReadyAsync("staying");
        try
        {
            await release.HelmAsync("uninstall", "ocx-tap", "--wait");

            // Definitions and McpTaps stay, as helm's users know it; so the agents do, and count.
            await release.KubectlAsync("get", "mcptap", "staying");
            Assert.NotEmpty(await release.AgentAsync("staying"));
            var said = await release.ConverseAsync(server, calls: 5);

            // An operator that comes back takes them up again.
            await release.InstallAsync();
            await release.StatusAsync("staying", status => status.Packets.Captured == said.Segments, "what passed meanwhile is counted");

            await release.KubectlAsync("delete", "mcptap", "staying", "--timeout=60s");
            await release.HelmAsync("uninstall", "ocx-tap", "--wait");
            await release.KubectlAsync("delete", "-f", Path.Combine(Release.Root, "deploy/crds"), "--timeout=60s");
            await Eventually.TrueAsync(
                async () => (await release.KubectlAsync("-n", Release.Namespace, "get", "pods", "-o", "name")).Trim().Length == 0, 60, "no pod is left");
            if (release.IsLocal)
            {
                // The kernel frees a closed socket's program a moment later.
                await Eventually.TrueAsync(NothingIsLeftAsync, 5, "no program, map or packet socket is left on the node", async () => await OnTheNodeAsync());
            }
        }
        finally
        {
            // For the tests after this one.
            await release.InstallAsync();
        }
    }

    private static async Task<bool> NothingIsLeftAsync()
    {
        var node = await OnTheNodeAsync();
        return !node.Contains("ocx_socket_filter", StringComparison.Ordinal) && !node.Contains("name events", StringComparison.Ordinal)
            && !node.Contains("ocx-node-agent", StringComparison.Ordinal);
    }

    private static async Task<string> OnTheNodeAsync() =>
        await Command.RunAsync("bpftool", ["prog", "list"]) + await Command.RunAsync("bpftool", ["map", "list"]) + await Command.RunAsync("ss", ["--packet", "--processes"]);
}
