namespace Ocx.Cluster.Tests;

/// <summary>Removal of the release.</summary>
[Collection(nameof(Alone))]
public sealed class ReleaseTests(Release release)
{
    [Fact]
    public async Task An_uninstalled_release_leaves_its_taps_tapping_until_they_are_deleted_and_then_nothing_on_the_node()
    {
        await using var server = await release.StartServerAsync(8111);
        await release.TapAsync("staying", """{"interface":"any","port":8111,"ringSize":"1Mi","reportInterval":"2s"}""");
        await release.ReadyAsync("staying");
        try
        {
            await release.HelmAsync("uninstall", "ocx-tap", "--wait");

            // Definitions and McpTaps stay, as helm's users know it; so the agents do, and count.
            await release.KubectlAsync("get", "mcptap", "staying");
            await release.AgentAsync("staying");
            var said = await release.ConverseAsync(server.Url, calls: 5);

            // An operator that comes back takes them up again.
            await release.InstallAsync();
            await release.StatusAsync("staying", status => status.Packets.Captured == said.Segments, "what passed meanwhile is counted");

            await release.KubectlAsync("delete", "mcptap", "staying", "--timeout=60s");
            await release.HelmAsync("uninstall", "ocx-tap", "--wait");
            await release.KubectlAsync("delete", "-f", Path.Combine(Release.Root, "deploy/crds"), "--timeout=60s");
            await release.NothingRunsAsync();
            if (release.IsLocal)
            {
                // The kernel frees a closed socket's program a moment later.
                await Eventually.TrueAsync(NothingIsLeftAsync, 5, "no program, map or packet socket is left on the node", async () => await OnTheNodeAsync());
            }
        }
        finally
        {
            // For the tests after this one. The last leader could not give its lease back, as its rights went with the release: the next would wait for its end.
            await release.KubectlAsync("-n", Release.Namespace, "delete", "leases", "--all");
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
