namespace Ocx.Cluster.Tests;

/// <summary>Removal of the release.</summary>
[Collection(nameof(Alone))]
public sealed class ReleaseTests(Release release)
{
    [Fact]
    public async Task What_is_there_already_is_deleted_for_nobody_who_has_not_said_so()
    {
        string[] there = await release.ThereAsync();

        Assert.Equal(
            [
                "the release ocx-tap",
                "customresourcedefinition.apiextensions.k8s.io/mcptaps.ocx.dev",
                "customresourcedefinition.apiextensions.k8s.io/mcptapreports.ocx.dev",
                "customresourcedefinition.apiextensions.k8s.io/mcpaudits.ocx.dev",
                "customresourcedefinition.apiextensions.k8s.io/mcpapprovals.ocx.dev",
                "namespace/ocx-system",
                "namespace/ocx-workloads",
            ],
            there
        );
        foreach (string? force in (string?[])[null, "", "0"])
        {
            var refused = Assert.Throws<InvalidOperationException>(() => Release.Refuse(there, force));
            Assert.Contains("namespace/ocx-system", refused.Message, StringComparison.Ordinal);
            Assert.Contains("FORCE=1", refused.Message, StringComparison.Ordinal);
        }

        Release.Refuse(there, force: "1");
        Release.Refuse([], force: null);
    }

    [Fact]
    public async Task An_uninstalled_release_leaves_taps_tapping_until_they_are_deleted_then_nothing_on_the_node()
    {
        var port = Release.FreePort();
        await using var server = await release.StartServerAsync(port);
        await using var tap = await release.TapAsync(
            "staying",
            $$"""{"interface":"any","port":{{port}},"ringSize":"1Mi","reportInterval":"2s"}"""
        );
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
            await release.StatusAsync(
                "staying",
                status => status.Packets.Captured == said.Segments,
                "what passed meanwhile is counted"
            );

            var agent = release.IsLocal ? await release.AgentOnNodeAsync("staying") : null;
            await release.KubectlAsync("delete", "mcptap", "staying", "--timeout=60s");

            // The garbage collector looks at the owner of what it deletes: the definition has to be there for that.
            await release.NothingRunsAsync("ocx.dev/tap=staying");
            await release.HelmAsync("uninstall", "ocx-tap", "--wait");
            await release.KubectlAsync("delete", "-f", Path.Combine(Checkout.Root, "deploy/crds"), "--timeout=60s");
            await release.NothingRunsAsync();
            if (agent is not null)
            {
                Assert.True(agent is { Programs.Count: > 0, Maps.Count: > 0, Sockets.Count: > 0 }, $"{agent}");
                // The kernel frees a closed socket's program a moment later.
                await Eventually.TrueAsync(
                    async () => await agent.LeftAsync() == "",
                    "nothing of the agent is left on the node",
                    agent.LeftAsync
                );
            }
        }
        finally
        {
            // For the tests after this one. The last leader could not give its lease back, as its rights went with the
            // release: the next would wait for its end.
            await release.KubectlAsync("-n", Release.Namespace, "delete", "leases", "--all");
            await release.InstallAsync();
        }
    }
}
