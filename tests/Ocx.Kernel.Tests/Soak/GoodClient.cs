using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ModelContextProtocol.Client;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Soak;

/// <summary>
/// A well-behaved client: the MCP SDK's in one long session, and beside it one that opens a connection for each call.
/// It knows what it said, and holds each record of its calls to it.
/// </summary>
internal sealed class GoodClient(NetworkNamespace @namespace, IPEndPoint server, int seed)
{
    private const int MostFaults = 20;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(40);

    private readonly ConcurrentDictionary<string, int> _told = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly string _address = server.Address.ToString();

    /// <summary>Calls made and answered.</summary>
    public int Made => _told.Count;

    /// <summary>What was wrong with records: the first few.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Calls of which there is no record yet, by the beginning of what each said.</summary>
    public IReadOnlyList<string> Untold =>
        [.. _told.Where(call => call.Value == 0).Select(call => call.Key[..call.Key.IndexOf('g')].Trim())];

    /// <summary>Calls in one session until it is cancelled.</summary>
    public async Task ConverseAsync(CancellationToken cancellation)
    {
        using SocketsHttpHandler handler = @namespace.HttpTo(
            server,
            socket => new NetworkStream(socket, ownsSocket: true)
        );
        using var http = new HttpClient(handler);
        await using McpClient client = await SdkClient.ConnectAsync(http, server, CancellationToken.None);
        var random = new Random(seed);
        for (int i = 0; !cancellation.IsCancellationRequested; i++)
        {
            string text = Text(random, "session", i);
            _told[text] = 0;
            await client.CallToolAsync(
                "echo",
                new Dictionary<string, object?> { ["text"] = text },
                cancellationToken: CancellationToken.None
            );
            await Task.Delay(s_pause, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Calls over a connection each until it is cancelled.</summary>
    public async Task CallOnceEachAsync(CancellationToken cancellation)
    {
        var random = new Random(seed + 1);
        for (int i = 0; !cancellation.IsCancellationRequested; i++)
        {
            string text = Text(random, "alone", i);
            _told[text] = 0;
            using SocketsHttpHandler handler = @namespace.HttpTo(
                server,
                socket => new NetworkStream(socket, ownsSocket: true)
            );
            using var http = new HttpClient(handler);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{server}/")
            {
                Content = new StringContent(
                    """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"""
                        + JsonSerializer.Serialize(text)
                        + "}}}",
                    Encoding.UTF8,
                    "application/json"
                ),
            };
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            request.Headers.ConnectionClose = true;
            using HttpResponseMessage response = await http.SendAsync(request, CancellationToken.None);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            await response.Content.LoadIntoBufferAsync(CancellationToken.None);
            await Task.Delay(s_pause, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Takes one line of the agent's output: each must be one record, and each of this client's calls right.
    /// </summary>
    public void Take(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement call = document.RootElement;
            if (
                call.GetProperty("server").GetProperty("address").GetString() == _address
                && call.GetProperty("method").GetString() == "tools/call"
            )
            {
                Check(call, line);
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            Fault($"{e.Message}: {line}");
        }
    }

    private void Check(JsonElement call, string line)
    {
        bool whole =
            call.GetProperty("status").GetString() == "ok"
            && call.GetProperty("completeness").GetString() == "complete"
            && call.GetProperty("name").GetString() == "echo";
        if (
            !whole
            || !call.TryGetProperty("arguments", out JsonElement arguments)
            || !call.TryGetProperty("result", out JsonElement result)
        )
        {
            Fault($"not whole: {line}");
            return;
        }
        string text = arguments.GetProperty("text").GetString()!;
        if (
            !_told.TryGetValue(text, out int times)
            || times > 0
            || result.GetProperty("content")[0].GetProperty("text").GetString() != text
        )
        {
            Fault($"never made, told twice or with another's answer: {line}");
            return;
        }
        _told[text] = 1;
    }

    private void Fault(string what)
    {
        if (_faults.Count < MostFaults)
        {
            _faults.Enqueue(what.Length > 1000 ? what[..1000] : what);
        }
    }

    private static string Text(Random random, string kind, int number) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{kind} {number} größer 🦀 \"q\"\n{new string((char)random.Next('a', 'z'), random.Next(900))}"
        );
}
