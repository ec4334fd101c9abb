using System.Text.Json;
using DotNet.Testcontainers.Containers;

namespace Ocx.Container.Tests;

/// <summary>The agent's image with exactly what the operator's DaemonSet gives it.</summary>
public sealed class AgentTests(Engine engine)
{
    // include/uapi/linux/capability.h
    private const int NetRaw = 13;
    private const int Bpf = 39;

    // The payload of an Ethernet frame, without IPv4's and TCP's headers.
    private const int MaximumSegment = 1500 - 20 - 20;

    private readonly int _port = FreePort.Next();

    public static TheoryData<string> Capabilities => new(AgentPod.Capabilities);

    [Fact]
    public async Task On_the_host_network_it_captures_all_that_containers_say_to_each_other()
    {
        await using var server = await McpServer.StartAsync(_port);
        await using var agent = AgentPod.Tapping(AgentPod.Of("any", _port));
        await AssertCapturesAllAsync(server, agent);
    }

    [Fact]
    public async Task In_a_servers_network_namespace_it_captures_all_that_is_said_to_the_server()
    {
        await using var server = await McpServer.StartAsync(_port);
        await using var agent = AgentPod.Tapping(AgentPod.Of("eth0", _port), networkOf: server.Id);
        await AssertCapturesAllAsync(server, agent);
    }

    [Fact]
    public async Task The_kernel_gives_it_the_listed_capabilities_and_no_more()
    {
        await using var agent = AgentPod.Tapping(AgentPod.Of("any", _port));
        await agent.StartAsync();
        var process = await KernelView.OfAsync(engine.Client, agent.Id);
        Assert.Equal((1UL << NetRaw) | (1UL << Bpf), process.Capabilities);
        Assert.Equal(process.Capabilities, process.Bound);
        Assert.True(process.CannotGainPrivileges);
        Assert.True(process.IsFiltered);
        Assert.True((await engine.Client.Containers.InspectContainerAsync(agent.Id)).HostConfig!.ReadonlyRootfs);
    }

    [Theory]
    [MemberData(nameof(Capabilities))]
    public async Task Without_one_of_them_it_ends_with_2_and_one_line_that_names_it(string capability)
    {
        await using var agent = AgentPod.Lacking(capability, AgentPod.Of("any", _port));
        await agent.StartAsync();
        Assert.Equal(2, await agent.GetExitCodeAsync());
        var (output, error) = await agent.GetLogsAsync(timestampsEnabled: false);
        Assert.Empty(output);
        // Beside its log, which is JSON here, it says one thing, and that last.
        var lines = error.TrimEnd().Split('\n');
        Assert.Equal([lines[^1]], lines.Where(line => !line.StartsWith('{')));
        Assert.Equal(
            $"ocx-node-agent: missing CAP_{capability}: run as root, or add it to the container's capabilities",
            lines[^1]
        );
    }

    private async Task AssertCapturesAllAsync(McpServer server, IContainer agent)
    {
        await agent.StartAsync();
        var said = await server.ConverseAsync(rounds: 23);
        var repeated = await server.SegmentsSentAgainAsync(engine.Client);
        await agent.StopAsync();
        Assert.Equal(0, await agent.GetExitCodeAsync());

        var (output, error) = await agent.GetLogsAsync(timestampsEnabled: false);
        Assert.Equal(46, said.Calls);
        Assert.Equal(
            said.Calls,
            output.Split('\n').Count(line => line.Contains("\"tools/call\"", StringComparison.Ordinal))
        );
        using var counts = JsonDocument.Parse(
            error.Split('\n').Last(line => line.Contains("Stats:", StringComparison.Ordinal))
        );
        Assert.Equal((said.Segments, 0L), (Count("Captured"), Count("Dropped")));
        // What the server sends again, to a client that is slow to acknowledge, the tap counts again, and the client's
        // kernel as a segment without bytes.
        Assert.InRange(Count("capturedBytes") - said.Bytes, 0, repeated * MaximumSegment);

        long Count(string name) => counts.RootElement.GetProperty(name).GetInt64();
    }
}
