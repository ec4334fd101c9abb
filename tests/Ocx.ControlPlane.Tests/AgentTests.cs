using System.Diagnostics;
using System.Net;

namespace Ocx.ControlPlane.Tests;

/// <summary>The agent's executable, from a packet on an interface to the McpTap's status.</summary>
public sealed class AgentTests(Cluster cluster)
{
    [Fact]
    public async Task What_the_agent_captures_is_in_kubectl_get_mcptaps_and_goes_on_after_a_restart()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-real");
        var port = ControlPlane.FreePort();
        await cluster.CreateTapAsync(
            "real",
            $$"""{"interface":"lo","port":{{port}},"ringSize":"256Ki","reportInterval":"6s"}"""
        );
        await using (var agent = await AgentProcess.StartAsync(cluster, "real", "node-real"))
        {
            await agent.ReadyAsync();
            await AgentProcess.ConverseAsync(port, exchanges: 50);
            await cluster.StatusAsync(
                "real",
                status =>
                    status.Packets.Captured == 100
                    && status.Nodes!.Any(node =>
                        node is { Node: "node-real", Phase: "Running", Captured: 100, Dropped: 0 }
                    ),
                "the packets are in the status"
            );
            var row = (await cluster.ControlPlane.KubectlAsync("get", "mcptaps"))
                .Split('\n')
                .Single(line => line.StartsWith("real ", StringComparison.Ordinal));
            Assert.Matches($@"^real +lo +{port} +256Ki +\d+ +\d+ +100 +0 +\w+ ", row);
            var status = (await cluster.TapAsync("real")).Status!;
            Assert.InRange(status.Packets.Filtered, 100, status.Packets.Total);
            Assert.True(status.Bytes.Captured == 50 * (41 + 37), $"{status.Bytes.Captured} bytes captured");

            await cluster.StatusAsync(
                "real",
                status => status.Calls is { Total: 50, Errors: 0, BusiestTools: null },
                "the calls are in the status"
            );

            var metrics = (await agent.GetAsync("/metrics")).Text;
            Assert.Contains("\nocx_agent_captured_packets_total 100\n", metrics, StringComparison.Ordinal);
            Assert.InRange(agent.Process.ResidentBytes, 1, 40 << 20);
            TestContext.Current.SendDiagnosticMessage(
                $"the agent holds {agent.Process.ResidentBytes >> 10} KiB resident"
            );

            // The last report has what passed just before.
            await AgentProcess.ConverseAsync(port, exchanges: 1);
            var watch = Stopwatch.StartNew();
            await agent.Process.StopAsync();
            Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5);
            Assert.Equal(0, agent.Process.ExitCode);
        }

        await cluster.StatusAsync(
            "real",
            status => status.Nodes!.Any(node => node is { Node: "node-real", Phase: "Stopped", Captured: 102 }),
            "it said that it stopped"
        );
        Assert.Equal(51, (await cluster.TapAsync("real")).Status!.Calls.Total);
        await using var second = await AgentProcess.StartAsync(cluster, "real", "node-real");
        await second.ReadyAsync();
        await AgentProcess.ConverseAsync(port, exchanges: 10);
        await cluster.StatusAsync(
            "real",
            status => status.Nodes!.Any(node => node is { Node: "node-real", Phase: "Running", Captured: 122 }),
            "the next agent goes on from 102"
        );
    }

    [Fact]
    public async Task An_interface_that_is_not_there_is_reported_and_tapped_as_soon_as_it_comes()
    {
        var link = $"ocx{Environment.ProcessId}";
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-bare");
        await cluster.CreateTapAsync(
            "bare",
            $$"""{"interface":"{{link}}","port":7301,"ringSize":"64Ki","reportInterval":"2s"}"""
        );
        await using var agent = await AgentProcess.StartAsync(cluster, "bare", "node-bare");
        await cluster.StatusAsync(
            "bare",
            status =>
                status.Nodes?.Any(node =>
                    node is { Node: "node-bare", Phase: "Failed" }
                    && node.Message!.StartsWith(
                        $"there is no interface '{link}'; there are: lo",
                        StringComparison.Ordinal
                    )
                ) == true,
            "the status says what is wrong"
        );
        await cluster.EventAsync("bare", "AgentFailed", $"node-bare: there is no interface '{link}'");
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await agent.GetAsync("/healthz"));
        var (code, reason) = await agent.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.StartsWith($"there is no interface '{link}'", reason, StringComparison.Ordinal);
        Assert.False(agent.Process.HasExited);

        await ControlPlane.RunAsync("ip", "link", "add", link, "type", "veth", "peer", "name", $"{link}p");
        try
        {
            await agent.ReadyAsync();
            await cluster.StatusAsync(
                "bare",
                status => status.Nodes!.Any(node => node is { Node: "node-bare", Phase: "Running", Message: null }),
                "it captures now"
            );
        }
        finally
        {
            await ControlPlane.RunAsync("ip", "link", "delete", link);
        }

        await cluster.StatusAsync(
            "bare",
            status => status.Nodes!.Any(node => node is { Node: "node-bare", Phase: "Failed" }),
            "the interface went away again"
        );
    }

    [Fact]
    public async Task A_node_that_refuses_the_capabilities_is_reported_and_the_agent_stays()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-strict");
        await cluster.CreateTapAsync(
            "strict",
            """{"interface":"lo","port":7302,"ringSize":"64Ki","reportInterval":"2s"}"""
        );
        await using var agent = await AgentProcess.StartAsync(
            cluster,
            "strict",
            "node-strict",
            capabilities: "-all,+net_raw"
        );
        await cluster.StatusAsync(
            "strict",
            status =>
                status.Nodes?.Any(node =>
                    node is { Node: "node-strict", Phase: "Failed" }
                    && node.Message!.Contains("CAP_BPF", StringComparison.Ordinal)
                ) == true,
            "the status names the capability"
        );
        Assert.Equal(HttpStatusCode.OK, (await agent.GetAsync("/healthz")).Code);
        await agent.Process.StopAsync();
        Assert.Equal(0, agent.Process.ExitCode);
    }

    [Fact]
    public async Task An_API_server_that_is_down_stops_no_capture_and_what_was_counted_meanwhile_comes_after()
    {
        await using var leader = cluster.StartOperator();
        await cluster.CreateNodeAsync("node-outage");
        var port = ControlPlane.FreePort();
        await cluster.CreateTapAsync(
            "outage",
            $$"""{"interface":"lo","port":{{port}},"ringSize":"256Ki","reportInterval":"2s"}"""
        );
        await using var agent = await AgentProcess.StartAsync(cluster, "outage", "node-outage");
        await agent.ReadyAsync();
        await AgentProcess.ConverseAsync(port, exchanges: 5);
        await cluster.StatusAsync("outage", status => status.Packets.Captured == 10, "the agent has reported");

        await cluster.ControlPlane.KillApiServerAsync();
        var down = Stopwatch.StartNew();
        for (var tries = 1; tries <= 5; tries++)
        {
            await AgentProcess.ConverseAsync(port, exchanges: 30);
            await Eventually.TrueAsync(
                () => Task.FromResult(Tries(agent) >= tries),
                $"the agent has tried {tries} times to report"
            );
        }

        // It waits 1, 2, 4 and 8 s between them, or half of that.
        Assert.True(down.Elapsed.TotalSeconds >= 7.5, $"5 tries in {down.Elapsed.TotalSeconds:F1} s");
        Assert.Equal(HttpStatusCode.OK, (await agent.GetAsync("/readyz")).Code);
        await Eventually.TrueAsync(
            async () =>
                (await agent.GetAsync("/metrics")).Text.Contains(
                    "\nocx_agent_captured_packets_total 310\n",
                    StringComparison.Ordinal
                ),
            "all of it is captured"
        );
        // A leader that could not renew its lease has ended; a cluster would start it again.
        await Eventually.TrueAsync(
            () => Task.FromResult(leader.Process.HasExited),
            "the leader has ended without its lease"
        );
        await cluster.StartApiServerAsync();
        await using var next = cluster.StartOperator();
        var elapsed = await cluster.StatusAsync(
            "outage",
            status => status.Packets.Captured == 310,
            "what was counted in between is there"
        );
        TestContext.Current.SendDiagnosticMessage(
            $"API server down for {down.Elapsed.TotalSeconds:F0} s: "
                + $"the counts were there {elapsed.TotalSeconds:F0} s after it came back"
        );
    }

    private static int Tries(AgentProcess agent) =>
        agent
            .Process.Output.Split('\n')
            .Count(line => line.Contains("The report was not written", StringComparison.Ordinal));
}
