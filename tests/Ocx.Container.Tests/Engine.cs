using System.Diagnostics;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Networks;
using Ocx.Container.Tests;

[assembly: AssemblyFixture(typeof(Engine))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Ocx.Container.Tests;

/// <summary>Docker's engine, and on it a network with an MCP server.</summary>
public sealed class Engine : IAsyncLifetime
{
    public const string AgentImage = "ghcr.io/ocx-dev/ocx-node-agent:0.1.0";
    public const string OperatorImage = "ghcr.io/ocx-dev/ocx-operator:0.1.0";
    private const string SamplesImage = "ghcr.io/ocx-dev/ocx-samples-mcp:0.1.0";

    private INetwork? _network;

    /// <summary>The server, which listens on port 8080.</summary>
    public IContainer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable("DOCKER_HOST", await EngineAsync());
        // What it would start to clean up after us is an image of its own; we clean up ourselves.
        Environment.SetEnvironmentVariable("TESTCONTAINERS_RYUK_DISABLED", "true");
        _network = new NetworkBuilder().Build();
        await _network.CreateAsync();
        Server = new ContainerBuilder(SamplesImage).WithNetwork(_network).WithNetworkAliases("server").WithCommand("server", "http://0.0.0.0:8080").Build();
        await Server.StartAsync();
    }

    /// <summary>Has an MCP client talk to the server from a container of its own.</summary>
    /// <returns>Its last line, with what its connections carried.</returns>
    public async Task<string> ConverseAsync(int rounds)
    {
        await using var client = new ContainerBuilder(SamplesImage).WithNetwork(_network).WithCommand("client", "http://server:8080", $"{rounds}").Build();
        await client.StartAsync();
        var code = await client.GetExitCodeAsync();
        var (output, error) = await client.GetLogsAsync(timestampsEnabled: false);
        Assert.True(code == 0, error);
        return output.TrimEnd().Split('\n')[^1];
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        if (_network is not null)
        {
            await _network.DisposeAsync();
        }
    }

    private static async Task<string> EngineAsync()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ocx.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        using var engine = Process.Start(new ProcessStartInfo(Path.Combine(folder, "hack/docker/engine"), "up") { RedirectStandardOutput = true })!;
        var host = (await engine.StandardOutput.ReadToEndAsync()).Trim();
        await engine.WaitForExitAsync();
        return engine.ExitCode == 0 ? host : throw new InvalidOperationException("There is no Docker engine; what hack/docker/engine said is above.");
    }
}
