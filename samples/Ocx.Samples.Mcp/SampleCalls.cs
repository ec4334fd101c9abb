using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Ocx.Samples.Mcp;

/// <summary>Connects, and calls tools one after the other, with the arguments that it is given.</summary>
internal static class SampleCalls
{
    // What is said of a long text.
    private const int LongestShown = 72;

    public static async Task<int> RunAsync(Uri url, IReadOnlyList<string> calls)
    {
        await using McpClient client = await McpClient.CreateAsync(
            new HttpClientTransport(
                new HttpClientTransportOptions { Endpoint = url, TransportMode = HttpTransportMode.StreamableHttp }
            ),
            new McpClientOptions { DiscoverProbeTimeout = Timeout.InfiniteTimeSpan }
        );
        bool failed = false;
        for (int i = 0; i < calls.Count; i += 2)
        {
            Dictionary<string, object?> arguments = JsonElement
                .Parse(calls[i + 1])
                .EnumerateObject()
                .ToDictionary(member => member.Name, member => (object?)member.Value);
            CallToolResult result;
            try
            {
                result = await client.CallToolAsync(calls[i], arguments);
            }
            catch (McpProtocolException error)
            {
                Console.WriteLine($"{calls[i]}: error {(int)error.ErrorCode}: {error.Message}");
                failed = true;
                continue;
            }

            string answer = result.Content.OfType<TextContentBlock>().FirstOrDefault()?.Text ?? string.Empty;
            Console.WriteLine($"{calls[i]}: {(answer.Length > LongestShown ? answer[..LongestShown] + "…" : answer)}");
            failed |= result.IsError == true;
        }

        return failed ? 1 : 0;
    }
}
