using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Ocx.TapBench.Overhead;

/// <summary>Calls a tool of an MCP server over Streamable HTTP for some time and prints the median time of a call.</summary>
internal static class McpCalls
{
    private const string Version = "2025-06-18", SessionHeader = "Mcp-Session-Id";

    public static async Task<int> RunAsync(Uri url, int milliseconds)
    {
        using var client = new HttpClient { BaseAddress = url };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        await OpenSessionAsync(client).ConfigureAwait(false);

        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds)
        {
            long before = Stopwatch.GetTimestamp();
            string answer = await PostAsync(
                client,
                $$$"""{"jsonrpc":"2.0","id":{{{times.Count + 2}}},"method":"tools/call","params":{"name":"echo","arguments":{"text":"tapped"} } }""")
                .ConfigureAwait(false);
            times.Add(Stopwatch.GetElapsedTime(before).TotalNanoseconds);
            if (!answer.Contains("tapped", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"the server answered {answer}");
            }
        }
        // The first calls find a server and a client that are cold.
        Console.WriteLine(times.Skip(times.Count / 4).Median().ToString("F0", CultureInfo.InvariantCulture));
        return 0;
    }

    private static async Task OpenSessionAsync(HttpClient client)
    {
        await PostAsync(
            client,
            $$$"""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"{{{Version}}}","capabilities":{},"clientInfo":{"name":"bench","version":"1"} } }""")
            .ConfigureAwait(false);
        client.DefaultRequestHeaders.Add("MCP-Protocol-Version", Version);
        await PostAsync(client, """{"jsonrpc":"2.0","method":"notifications/initialized"}""").ConfigureAwait(false);
    }

    private static async Task<string> PostAsync(HttpClient client, string message)
    {
        using var body = new StringContent(message, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await client.PostAsync(client.BaseAddress, body).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        if (response.Headers.TryGetValues(SessionHeader, out IEnumerable<string>? session)
            && !client.DefaultRequestHeaders.Contains(SessionHeader))
        {
            client.DefaultRequestHeaders.Add(SessionHeader, session.Single());
        }
        return await response.Content.ReadAsStringAsync().ConfigureAwait(false);
    }
}
