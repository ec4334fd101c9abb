using System.Text.Json;
using System.Text.RegularExpressions;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using k8s.Models;
using Ocx.Api;
using Ocx.Operator;
using Ocx.Operator.Resources;

namespace Ocx.Container.Tests;

/// <summary>The agent's image with what the operator's DaemonSet gives its container, and with less.</summary>
public sealed partial class AgentImageTests(Engine engine)
{
    public static TheoryData<string, string> Missing => new()
    {
        { "BPF", "CAP_BPF" },
        { "NET_RAW", "CAP_NET_RAW" },
    };

    [Fact]
    public async Task With_what_the_DaemonSet_gives_it_the_agent_captures_every_segment_and_names_every_call()
    {
        await using var agent = Agent(Granted());
        await agent.StartAsync();
        await LoggedAsync(agent, "Tapping");

        using var said = JsonDocument.Parse(await engine.ConverseAsync(rounds: 10));
        await Task.Delay(500);
        await agent.StopAsync();
        var (output, error) = await agent.GetLogsAsync(timestampsEnabled: false);
        Assert.Equal(0, await agent.GetExitCodeAsync());
        Assert.Equal(20, output.Split('\n').Count(line => line.Contains("\"tools/call\"", StringComparison.Ordinal)));
        var stats = Stats().Matches(error)[^1];
        Assert.Equal(said.RootElement.GetProperty("segments").GetInt64(), long.Parse(stats.Groups["captured"].Value, null));
        Assert.Equal("0", stats.Groups["dropped"].Value);
    }

    [Theory]
    [MemberData(nameof(Missing))]
    public async Task Without_one_of_its_capabilities_the_agent_says_in_one_line_which_is_missing(string taken, string named)
    {
        Assert.Contains(taken, Granted());
        await using var agent = Agent(Granted().Where(capability => capability != taken));
        await agent.StartAsync();
        Assert.Equal(2, await agent.GetExitCodeAsync());
        var (output, error) = await agent.GetLogsAsync(timestampsEnabled: false);
        Assert.Empty(output);
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(named, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_capability_that_the_DaemonSet_gives_is_one_that_the_agent_was_seen_to_miss() =>
        Assert.Equal(Granted().Order(), Missing.Select(row => row.Data.Item1).Order());

    private static IEnumerable<string> Granted() => Context().Capabilities.Add;

    private static V1SecurityContext Context() => AgentDaemonSet.Create(
        new V1Alpha1McpTap { Metadata = new V1ObjectMeta { Name = "tap", Uid = "uid" }, Spec = new V1Alpha1McpTapSpec() },
        new OperatorOptions { Namespace = "ocx-system" }, healthPort: 9910).Spec.Template.Spec.Containers[0].SecurityContext;

    // In the server's network namespace, as a DaemonSet's pod is in the node's; Docker's default seccomp profile is RuntimeDefault.
    private IContainer Agent(IEnumerable<string> capabilities)
    {
        var context = Context();
        return new ContainerBuilder(Engine.AgentImage)
            .WithCommand("--interface", "eth0", "--port", "8080", "--events", "calls")
            .WithCreateParameterModifier(container =>
            {
                container.User = $"{context.RunAsUser}";
                container.HostConfig!.NetworkMode = $"container:{engine.Server.Id}";
                container.HostConfig.CapDrop = context.Capabilities.Drop;
                container.HostConfig.CapAdd = [.. capabilities];
                container.HostConfig.ReadonlyRootfs = context.ReadOnlyRootFilesystem == true;
                container.HostConfig.SecurityOpt = context.AllowPrivilegeEscalation == false ? ["no-new-privileges"] : [];
            })
            .Build();
    }

    private static async Task LoggedAsync(IContainer container, string text)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            var (_, error) = await container.GetLogsAsync(timestampsEnabled: false);
            if (error.Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            await Task.Delay(100);
        }

        Assert.Fail($"The agent does not say '{text}' but: {(await container.GetLogsAsync(timestampsEnabled: false)).Stderr}");
    }

    [GeneratedRegex("Stats: .*Captured=(?<captured>[0-9]+), Dropped=(?<dropped>[0-9]+)")]
    private static partial Regex Stats();
}
