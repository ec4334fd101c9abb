using System.Globalization;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Ocx.Samples.Mcp;

/// <summary>Connects, lists the tools, calls them, and checks every result.</summary>
internal static class SampleClient
{
    public static async Task<int> RunAsync(Uri url, int calls)
    {
        await using McpClient client = await McpClient.CreateAsync(
            new HttpClientTransport(new HttpClientTransportOptions { Endpoint = url, TransportMode = HttpTransportMode.StreamableHttp }));
        IList<McpClientTool> tools = await client.ListToolsAsync();
        Console.WriteLine($"tools: {string.Join(", ", tools.Select(tool => tool.Name))}");

        for (int i = 0; i < calls; i++)
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"call {i}");
            await ExpectAsync(client, "add", new() { ["a"] = i, ["b"] = 1 }, (i + 1).ToString(CultureInfo.InvariantCulture));
            await ExpectAsync(client, "echo", new() { ["text"] = text }, text);
        }
        Console.WriteLine($"{2 * calls} calls answered as expected");
        return 0;
    }

    private static async Task ExpectAsync(McpClient client, string tool, Dictionary<string, object?> arguments, string expected)
    {
        CallToolResult result = await client.CallToolAsync(tool, arguments);
        string? answer = result.Content.OfType<TextContentBlock>().FirstOrDefault()?.Text;
        if (result.IsError == true || answer != expected)
        {
            throw new InvalidOperationException($"{tool} answered '{answer}' instead of '{expected}'");
        }
    }
}
