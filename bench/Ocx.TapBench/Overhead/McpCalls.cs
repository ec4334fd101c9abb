using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Ocx.TapBench.Overhead;

/// <summary>
/// Calls a tool of an MCP server over Streamable HTTP, by two ways in turn, and prints the median time of a call by
/// each.
/// </summary>
internal sealed class McpCalls : IDisposable
{
    private const string Version = "2025-06-18",
        SessionHeader = "Mcp-Session-Id";

    private readonly HttpClient _client;
    private readonly List<double> _times = [];

    private McpCalls(Uri url)
    {
        _client = new HttpClient { BaseAddress = url };
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
    }

    // The first calls find a server and a client that are cold.
    private double MedianNs => _times.Skip(_times.Count / 4).Median();

    public static async Task<int> CompareAsync(Uri tapped, Uri free, int milliseconds)
    {
        using McpCalls one = await OpenAsync(tapped).ConfigureAwait(false),
            other = await OpenAsync(free).ConfigureAwait(false);
        var order = new Random(1);
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds)
        {
            // Neither is always the first: who comes after what may matter.
            bool turned = order.Next(2) == 1;
            await (turned ? other : one).CallAsync().ConfigureAwait(false);
            await (turned ? one : other).CallAsync().ConfigureAwait(false);
        }
        Console.WriteLine(new Pair(one.MedianNs, other.MedianNs));
        return 0;
    }

    public void Dispose() => _client.Dispose();

    private static async Task<McpCalls> OpenAsync(Uri url)
    {
        var calls = new McpCalls(url);
        await calls
            .PostAsync(
                """{"jsonrpc":"2.0","id":1,"method":"initialize","params":"""
                    + $$$"""{"protocolVersion":"{{{Version}}}","capabilities":{},"clientInfo":"""
                    + """{"name":"bench","version":"1"} } }"""
            )
            .ConfigureAwait(false);
        calls._client.DefaultRequestHeaders.Add("MCP-Protocol-Version", Version);
        await calls.PostAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""").ConfigureAwait(false);
        return calls;
    }

    private async Task CallAsync()
    {
        long before = Stopwatch.GetTimestamp();
        string answer = await PostAsync(
                $$$"""{"jsonrpc":"2.0","id":{{{_times.Count + 2}}},"method":"tools/call","params":"""
                    + """{"name":"echo","arguments":{"text":"tapped"} } }"""
            )
            .ConfigureAwait(false);
        _times.Add(Stopwatch.GetElapsedTime(before).TotalNanoseconds);
        if (!answer.Contains("tapped", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"the server answered {answer}");
        }
    }

    private async Task<string> PostAsync(string message)
    {
        using var body = new StringContent(message, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _client.PostAsync(_client.BaseAddress, body).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        if (
            response.Headers.TryGetValues(SessionHeader, out IEnumerable<string>? session)
            && !_client.DefaultRequestHeaders.Contains(SessionHeader)
        )
        {
            _client.DefaultRequestHeaders.Add(SessionHeader, session.Single());
        }
        return await response.Content.ReadAsStringAsync().ConfigureAwait(false);
    }
}
