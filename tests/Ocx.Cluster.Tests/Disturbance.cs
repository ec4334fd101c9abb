using k8s.Models;

namespace Ocx.Cluster.Tests;

/// <summary>Something happens to what a tap does not need while traffic goes on.</summary>
internal static class Disturbance
{
    /// <summary>
    /// Taps a conversation of ten rounds a second, has something happen, and holds the tap to every segment and to the
    /// agent that it had.
    /// </summary>
    /// <param name="release">The cluster.</param>
    /// <param name="tap">The McpTap's name.</param>
    /// <param name="calls">Rounds: enough to go on for longer than what happens.</param>
    /// <param name="happen">What happens once traffic is counted.</param>
    /// <returns>The agent's pod at the end.</returns>
    public static async Task<V1Pod> LosesNothingAsync(this Release release, string tap, int calls, Func<Task> happen)
    {
        var port = Release.FreePort();
        await using var server = await release.StartServerAsync(port);
        await using var applied = await release.TapAsync(
            tap,
            $$"""{"interface":"any","port":{{port}},"ringSize":"1Mi","reportInterval":"2s"}"""
        );
        await release.ReadyAsync(tap);
        var before = await release.AgentAsync(tap);
        var client = await release.StartClientAsync(server.Url, calls, callsPerSecond: 10);
        await release.StatusAsync(tap, status => status.Packets.Captured > 0, "the traffic is counted");

        await happen();
        var said = await release.EndAsync(client);
        await release.StatusAsync(
            tap,
            status => status.Packets.Captured == said.Segments && status.Packets.Dropped == 0,
            "all of it is counted"
        );
        var after = await release.AgentAsync(tap);
        Assert.Equal(before.Uid(), after.Uid());
        return after;
    }
}
