using System.Globalization;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Ocx.Samples.Mcp;

/// <summary>
/// Connects, lists the tools, calls them, checks every result, and says what its connections carried.
/// </summary>
internal static class SampleClient
{
    public static async Task<int> RunAsync(Uri url, int rounds, int roundsPerSecond)
    {
        using var connections = new CountedConnections();

        // A server that is slow to start would be taken for one of an older revision.
        await using (
            McpClient client = await McpClient.CreateAsync(
                new HttpClientTransport(
                    new HttpClientTransportOptions { Endpoint = url, TransportMode = HttpTransportMode.StreamableHttp },
                    connections.Http
                ),
                new McpClientOptions { DiscoverProbeTimeout = Timeout.InfiniteTimeSpan, ClientInfo = InPod() }
            )
        )
        {
            await CallAsync(client, rounds, roundsPerSecond);
        }

        // The server's last word on its streams is still to come.
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        (long segments, long bytes) = connections.Count();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"calls":{{2 * rounds}},"segments":{{segments}},"bytes":{{bytes}}}"""
            )
        );
        return 0;
    }

    // In a pod it calls itself by the pod's name, so that what a tap says of it can be checked.
    private static Implementation? InPod() =>
        Environment.GetEnvironmentVariable("POD_NAME") is { Length: > 0 } pod
            ? new Implementation { Name = pod, Version = "1.0.0" }
            : null;

    private static async Task CallAsync(McpClient client, int rounds, int roundsPerSecond)
    {
        IList<McpClientTool> tools = await client.ListToolsAsync();
        Console.WriteLine($"tools: {string.Join(", ", tools.Select(tool => tool.Name))}");

        using PeriodicTimer? pace = roundsPerSecond > 0 ? new(TimeSpan.FromSeconds(1.0 / roundsPerSecond)) : null;
        for (int i = 0; i < rounds; i++)
        {
            if (pace is not null)
            {
                await pace.WaitForNextTickAsync();
            }

            string text = string.Create(CultureInfo.InvariantCulture, $"call {i}");
            await ExpectAsync(
                client,
                "add",
                new() { ["a"] = i, ["b"] = 1 },
                (i + 1).ToString(CultureInfo.InvariantCulture)
            );
            await ExpectAsync(client, "echo", new() { ["text"] = text }, text);
        }
        Console.WriteLine($"{2 * rounds} calls answered as expected");
    }

    private static async Task ExpectAsync(
        McpClient client,
        string tool,
        Dictionary<string, object?> arguments,
        string expected
    )
    {
        CallToolResult result = await client.CallToolAsync(tool, arguments);
        string? answer = result.Content.OfType<TextContentBlock>().FirstOrDefault()?.Text;
        if (result.IsError == true || answer != expected)
        {
            throw new InvalidOperationException($"{tool} answered '{answer}' instead of '{expected}'");
        }
    }
}
