using System.Globalization;
using System.Text.Json;
using Docker.DotNet;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Networks;

namespace Ocx.Container.Tests;

/// <summary>An MCP server of the C# SDK in a container on a network of its own, and clients beside it.</summary>
internal sealed class McpServer : IAsyncDisposable
{
    private const string Alias = "server";
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly INetwork _network = new NetworkBuilder()
        .WithName($"ocx-{Guid.NewGuid():n}")
        .WithLabel(Engine.Label, Engine.Run)
        .Build();
    private readonly IContainer _server;
    private readonly int _port;

    private McpServer(int port)
    {
        _port = port;
        _server = new ContainerBuilder(Images.Samples)
            .WithLabel(Engine.Label, Engine.Run)
            .WithNetwork(_network)
            .WithNetworkAliases(Alias)
            .WithCommand("server", $"http://0.0.0.0:{port}")
            .WithWaitStrategy(
                Wait.ForUnixContainer()
                    .AddCustomWaitStrategy(new Listening(port), wait => wait.WithTimeout(TimeSpan.FromMinutes(2)))
            )
            .Build();
    }

    /// <summary>The container's id.</summary>
    public string Id => _server.Id;

    public static async Task<McpServer> StartAsync(int port)
    {
        var server = new McpServer(port);
        try
        {
            await server._server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a client in a container to its end.</summary>
    /// <returns>What it says that its connections carried.</returns>
    public async Task<Conversation> ConverseAsync(int rounds)
    {
        await using var client = new ContainerBuilder(Images.Samples)
            .WithLabel(Engine.Label, Engine.Run)
            .WithNetwork(_network)
            .WithCommand("client", $"http://{Alias}:{_port}", rounds.ToString(CultureInfo.InvariantCulture))
            .WithWaitStrategy(Finite.Strategy)
            .Build();
        await client.StartAsync();
        var (output, error) = await client.GetLogsAsync(timestampsEnabled: false);
        Assert.True(await client.GetExitCodeAsync() == 0, output + error);
        return JsonSerializer.Deserialize<Conversation>(output.TrimEnd().Split('\n')[^1], s_json)!;
    }

    /// <summary>Has a client in a container call a tool, whatever comes of it.</summary>
    /// <returns>What it says of the call.</returns>
    public async Task<string> CallAsync(string tool, string arguments)
    {
        await using var client = new ContainerBuilder(Images.Samples)
            .WithLabel(Engine.Label, Engine.Run)
            .WithNetwork(_network)
            .WithCommand("call", $"http://{Alias}:{_port}", tool, arguments)
            .WithWaitStrategy(Finite.Strategy)
            .Build();
        await client.StartAsync();
        var (output, error) = await client.GetLogsAsync(timestampsEnabled: false);
        return (output + error).TrimEnd();
    }

    /// <summary>
    /// How many segments its kernel has sent more than once: RetransSegs in /proc/PID/net/snmp of an engine on this
    /// machine.
    /// </summary>
    public async Task<long> SegmentsSentAgainAsync(DockerClient engine)
    {
        var pid = (await engine.Containers.InspectContainerAsync(Id)).State!.Pid;
        var lines = await File.ReadAllLinesAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net/snmp"));
        // A line of names, then one of values.
        var tcp = lines
            .Where(line => line.StartsWith("Tcp:", StringComparison.Ordinal))
            .Select(line => line.Split(' '))
            .ToArray();
        return long.Parse(tcp[1][Array.IndexOf(tcp[0], "RetransSegs")], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _network.DisposeAsync();
    }
}

/// <summary>
/// A client's account of its connections: calls, segments with payload both ways, payload bytes both ways.
/// </summary>
internal sealed record Conversation(long Calls, long Segments, long Bytes);
