using k8s.Models;

namespace Ocx.Cluster.Tests;

/// <summary>A tap that is changed, or loses its agent, while it is in use.</summary>
public sealed class ChangeTests(Release release)
{
    [Fact]
    public async Task A_suspended_tap_has_no_pod_and_counts_nothing_and_goes_on_from_its_counts_when_it_is_resumed()
    {
        var port = Release.FreePort();
        await using var server = await release.StartServerAsync(port);
        await using var tap = await release.TapAsync(
            "pausing",
            $$"""{"interface":"any","port":{{port}},"ringSize":"1Mi","reportInterval":"2s"}"""
        );
        await release.ReadyAsync("pausing");
        var before = await release.ConverseAsync(server.Url, calls: 5);
        await release.StatusAsync(
            "pausing",
            status => status.Packets.Captured == before.Segments,
            "the first conversation is counted"
        );

        await release.KubectlAsync("patch", "mcptap", "pausing", "--type=merge", "-p", """{"spec":{"suspend":true}}""");
        await release.StatusAsync(
            "pausing",
            status => status is { DesiredNodes: 0, ReadyNodes: 0 },
            "no node is tapped"
        );
        await release.NothingRunsAsync("ocx.dev/tap=pausing");
        await release.ConverseAsync(server.Url, calls: 5);

        await release.KubectlAsync(
            "patch",
            "mcptap",
            "pausing",
            "--type=merge",
            "-p",
            """{"spec":{"suspend":false}}"""
        );
        await release.ReadyAsync("pausing");
        var after = await release.ConverseAsync(server.Url, calls: 5);
        await release.StatusAsync(
            "pausing",
            status => status.Packets.Captured == before.Segments + after.Segments,
            "what passed while it was suspended is not counted, what came before and after is"
        );
    }

    [Fact]
    public async Task A_changed_port_rolls_the_agents_and_only_what_passes_on_the_new_port_is_counted_from_then_on()
    {
        var (from, to) = (Release.FreePort(), Release.FreePort());
        await using var old = await release.StartServerAsync(from);
        await using var next = await release.StartServerAsync(to);
        await using var tap = await release.TapAsync(
            "moving",
            $$"""{"interface":"any","port":{{from}},"ringSize":"1Mi","reportInterval":"2s"}"""
        );
        await release.ReadyAsync("moving");
        var agent = await release.AgentAsync("moving");
        var first = await release.ConverseAsync(old.Url, calls: 5);
        await release.StatusAsync(
            "moving",
            status => status.Packets.Captured == first.Segments,
            "the first conversation is counted"
        );

        await release.KubectlAsync(
            "patch",
            "mcptap",
            "moving",
            "--type=merge",
            "-p",
            $$$"""{"spec":{"port":{{{to}}}}}"""
        );
        await Eventually.TrueAsync(
            async () => (await release.PodsAsync("ocx.dev/tap=moving")).Any(pod => pod.Uid() != agent.Uid()),
            "the agent's pod is another one"
        );
        await release.KubectlAsync(
            "-n",
            Release.Namespace,
            "rollout",
            "status",
            "daemonset/ocx-agent-moving",
            "--timeout=120s"
        );
        await release.ReadyAsync("moving");
        await release.ConverseAsync(old.Url, calls: 5);
        var second = await release.ConverseAsync(next.Url, calls: 5);
        await release.StatusAsync(
            "moving",
            status => status.Packets.Captured == first.Segments + second.Segments,
            $"the new port's {second.Segments} segments are counted with the first {first.Segments}, "
                + "the old port's later ones are not"
        );
    }

    [Fact]
    public async Task An_interface_that_no_node_has_is_told_in_condition_message_and_event_and_no_agent_crashes()
    {
        var link = $"ocx{Environment.ProcessId}";
        await using var tap = await release.TapAsync(
            "lost",
            $$"""{"interface":"{{link}}","port":8093,"ringSize":"1Mi","reportInterval":"2s"}"""
        );
        await release.StatusAsync(
            "lost",
            status =>
                status.Conditions?.Any(condition => condition is { Type: "Degraded", Status: "True" }) == true
                && status.Nodes?.Any(node =>
                    node.Phase == "Failed"
                    && node.Message!.Contains($"there is no interface '{link}'", StringComparison.Ordinal)
                ) == true,
            "the status says which interface is missing"
        );
        await Eventually.TrueAsync(
            async () =>
                (
                    await release.KubectlAsync(
                        "get",
                        "events",
                        "-A",
                        "--field-selector",
                        "involvedObject.name=lost,type=Warning"
                    )
                ).Contains(link, StringComparison.Ordinal),
            "a Warning names the interface"
        );
        if (release.IsLocal)
        {
            // The agent that has waited for it taps it.
            await Command.RunAsync("ip", ["link", "add", link, "type", "veth", "peer", "name", $"{link}p"]);
            try
            {
                await release.ReadyAsync("lost");
            }
            finally
            {
                await Command.RunAsync("ip", ["link", "delete", link]);
            }
        }

        Assert.Equal(0, (await release.AgentAsync("lost")).Status.ContainerStatuses[0].RestartCount);
    }

    [Fact]
    public async Task Two_taps_on_one_node_count_each_its_own_port()
    {
        var (onePort, twoPort) = (Release.FreePort(), Release.FreePort());
        await using var one = await release.StartServerAsync(onePort);
        await using var two = await release.StartServerAsync(twoPort);
        await using var oneTap = await release.TapAsync(
            "one",
            $$"""{"interface":"any","port":{{onePort}},"ringSize":"1Mi","reportInterval":"2s"}"""
        );
        await using var twoTap = await release.TapAsync(
            "two",
            $$"""{"interface":"any","port":{{twoPort}},"ringSize":"1Mi","reportInterval":"2s"}"""
        );
        await release.ReadyAsync("one");
        await release.ReadyAsync("two");
        var first = await release.ConverseAsync(one.Url, calls: 3);
        var second = await release.ConverseAsync(two.Url, calls: 7);
        await release.StatusAsync(
            "one",
            status => status.Packets.Captured == first.Segments,
            "the first tap has the first port's traffic"
        );
        await release.StatusAsync(
            "two",
            status => status.Packets.Captured == second.Segments,
            "the second tap has the second port's traffic"
        );
    }

    [Fact]
    public async Task A_killed_agent_comes_back_and_its_counts_go_on()
    {
        var port = Release.FreePort();
        await using var server = await release.StartServerAsync(port);
        await using var tap = await release.TapAsync(
            "killed",
            $$"""{"interface":"any","port":{{port}},"ringSize":"1Mi","reportInterval":"2s"}"""
        );
        await release.ReadyAsync("killed");
        var before = await release.ConverseAsync(server.Url, calls: 5);
        await release.StatusAsync(
            "killed",
            status => status.Packets.Captured == before.Segments,
            "the first conversation is counted"
        );

        await KillAgentAsync("killed");
        await Eventually.TrueAsync(
            async () => (await release.AgentAsync("killed")).Status.ContainerStatuses[0].RestartCount == 1,
            "the kubelet has started the agent again"
        );
        await release.ReadyAsync("killed");
        var after = await release.ConverseAsync(server.Url, calls: 5);
        await release.StatusAsync(
            "killed",
            status => status.Packets.Captured == before.Segments + after.Segments,
            "the counts go on"
        );
    }

    private async Task KillAgentAsync(string tap)
    {
        Assert.SkipUnless(
            release.IsLocal,
            "the agent's image has no shell to kill it from; the node is another machine"
        );
        await Command.RunAsync("kill", ["-s", "KILL", $"{(await release.AgentOnNodeAsync(tap)).Pid}"]);
    }
}
