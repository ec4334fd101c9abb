namespace Ocx.Cluster.Tests;

/// <summary>
/// What README.md and docs/getting-started.md tell a new user to type, typed as it stands there, from an empty cluster
/// to an empty one.
/// </summary>
[Collection(nameof(Alone))]
public sealed class GettingStartedTests(Release release, EmptyCluster cluster) : IClassFixture<EmptyCluster>
{
    private const string Guide = "docs/getting-started.md";
    private const string Called = "\"method\":\"tools/call\",\"name\":\"add\",\"status\":\"ok\"";

    [Fact]
    public async Task The_guide_leads_from_an_empty_cluster_to_calls_by_tool_and_back()
    {
        await cluster.EmptyAsync();

        string installed = await TypeAsync("3. Install");
        Assert.Matches("(?m)^ocx-tap-operator-.* 1/1 +Running ", installed);
        Assert.Contains("namespace/ocx-system labeled", installed, StringComparison.Ordinal);
        Assert.Matches("(?m)^ok .*operator", installed);
        Assert.DoesNotMatch("(?m)^fail ", installed);

        await TypeAsync("4. Something to tap");
        var tap = new Page(Guide, "5. Tap");
        string taps = await release.ShellAsync(tap.Commands(tap.Printed[^1]));
        Assert.All(tap.Printed, line => Assert.Matches($"(?m){line}", taps));

        var who = new Page(Guide, "6. Who called what");
        string calls = await release.ShellAsync(who.Commands($"{who.Printed[^1]}|{Called}"));
        Assert.All(who.Printed, line => Assert.Matches($"(?m){line}", calls));
        Assert.Contains(Called, calls, StringComparison.Ordinal);
        string events = await release.ShellAsync(who.CommandsInText("kubectl"));
        Assert.Contains("NoAuthorization", events, StringComparison.Ordinal);

        string described = await TypeAsync("When something is not as it should be");
        Assert.Contains("Kind:         McpTap", described, StringComparison.Ordinal);

        await RemoveAsync();
    }

    [Fact]
    public async Task The_README_leads_from_an_empty_cluster_to_counts()
    {
        await cluster.EmptyAsync();
        await TypeAsync("4. Something to tap");

        var readme = new Page("README.md", "On Kubernetes");
        string taps = await release.ShellAsync(readme.Commands(readme.Printed[^1]));
        Assert.All(readme.Printed, line => Assert.Matches($"(?m){line}", taps));

        string call = new Page(Guide, "6. Who called what").Printed[^1];
        string shown = await release.ShellAsync(readme.CommandsInText("kubectl", call));
        Assert.Matches($"(?m){call}", shown);
        Assert.Matches("(?m)^ok .*McpTap mcp ", shown);
        Assert.Contains("kind: McpTap", shown, StringComparison.Ordinal);

        await RemoveAsync();
    }

    private Task<string> TypeAsync(string section) => release.ShellAsync(new Page(Guide, section).Commands());

    private async Task RemoveAsync()
    {
        var agent = release.IsLocal ? await release.AgentOnNodeAsync("mcp") : null;
        string remove = new Page(Guide, "Remove").Commands();
        // The cluster itself is for the other tests too.
        int down = remove.IndexOf("make cluster-down", StringComparison.Ordinal);
        Assert.InRange(down, 0, int.MaxValue);
        await release.ShellAsync(remove[..down]);

        await release.NothingIsLeftAsync();
        if (agent is not null)
        {
            Assert.True(agent is { Programs.Count: > 0, Sockets.Count: > 0 }, $"{agent}");
            await Eventually.TrueAsync(
                async () => await agent.LeftAsync() == "",
                "nothing of the agent is left on the node",
                agent.LeftAsync
            );
        }
    }
}

/// <summary>Takes the tests' release away, and installs it again for the tests of other classes.</summary>
public sealed class EmptyCluster(Release release) : IAsyncDisposable
{
    /// <summary>Leaves nothing of ocx-tap in the cluster.</summary>
    public async Task EmptyAsync()
    {
        await release.KubectlAsync(
            "delete",
            "pod",
            "mcp-server",
            "mcp-client",
            "--ignore-not-found",
            "--grace-period=1"
        );
        await release.RemoveAsync(wait: true, Release.Namespace);
        await release.NothingIsLeftAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EmptyAsync();
        await release.InstallAsync();
    }
}
