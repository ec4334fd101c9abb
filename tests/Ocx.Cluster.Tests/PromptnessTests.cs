using System.Diagnostics;

namespace Ocx.Cluster.Tests;

/// <summary>How long a user waits.</summary>
[Collection(nameof(Alone))]
public sealed class PromptnessTests(Release release)
{
    [Fact]
    public async Task The_first_count_is_there_within_fifteen_seconds_of_kubectl_apply()
    {
        await using var server = await release.StartServerAsync(8120);
        var client = await release.StartClientAsync(server.Url, calls: 600, callsPerSecond: 10);
        var watch = Stopwatch.StartNew();
        await release.TapAsync("first", """{"interface":"any","port":8120}""");
        await release.StatusAsync("first", status => status.Packets.Captured > 0, "something is captured");
        TestContext.Current.SendDiagnosticMessage($"kubectl apply -> first count: {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 15);
        await release.DeletePodAsync(client);
        await release.KubectlAsync("delete", "mcptap", "first");
        await release.NothingRunsAsync("ocx.dev/tap=first");
    }

    [Fact]
    public async Task A_hundred_calls_a_second_are_all_counted()
    {
        await using var server = await release.StartServerAsync(8121);
        await release.TapAsync("busy", """{"interface":"any","port":8121}""");
        await release.ReadyAsync("busy");
        var client = await release.StartClientAsync(server.Url, calls: 1000, callsPerSecond: 50);
        await release.StatusAsync("busy", status => status.Packets.Captured > 0, "the traffic is counted");
        if (release.IsLocal)
        {
            using var agent = Process.GetProcessesByName("ocx-node-agent").Single();
            var (before, watch) = (agent.TotalProcessorTime, Stopwatch.StartNew());
            await Task.Delay(TimeSpan.FromSeconds(15));
            agent.Refresh();
            var share = (agent.TotalProcessorTime - before) / watch.Elapsed;
            TestContext.Current.SendDiagnosticMessage($"the agent at 100 calls/s: {100 * share:0.00} % of a core, {agent.WorkingSet64 >> 20} MiB resident with its ring");
        }

        var said = await release.EndAsync(client);
        await release.StatusAsync("busy", status => status.Packets.Captured == said.Segments && status.Packets.Dropped == 0, "all of it is counted");
        await release.KubectlAsync("delete", "mcptap", "busy");
    }
}
