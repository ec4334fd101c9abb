using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Ocx.Netfilter;
using Ocx.Sandbox.Networks;

namespace Ocx.Sandbox.Sandboxes;

/// <summary>
/// A session with a server in a sandbox, by the SDK's client. The server is trusted with nothing: it is listened to for
/// so many bytes, leads nowhere else, and cannot ask anything of its client.
/// </summary>
internal sealed class McpSession : IAsyncDisposable
{
    private readonly McpClient _client;
    private readonly HttpClient? _http;

    private McpSession(McpClient client, HttpClient? http)
    {
        _client = client;
        _http = http;
    }

    /// <summary>The protocol revision that both sides speak.</summary>
    public string? Revision => _client.NegotiatedProtocolVersion;

    /// <summary>Begins one over HTTP.</summary>
    /// <param name="network">The sandbox's network.</param>
    /// <param name="endpoint">Where the server answers there.</param>
    /// <param name="budget">How much of it is listened to.</param>
    /// <param name="revision">The revision; null is the latest.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<McpSession> OverHttpAsync(
        NetworkNamespace network,
        Uri endpoint,
        ByteBudget budget,
        string? revision,
        TimeSpan limit,
        CancellationToken cancellation
    )
    {
        HttpClient http = SandboxHttp.Create(network, budget);
        try
        {
            var transport = new HttpClientTransport(
                new HttpClientTransportOptions
                {
                    Endpoint = endpoint,
                    TransportMode = HttpTransportMode.StreamableHttp,
                    ConnectionTimeout = limit,
                },
                http
            );
            return new McpSession(await ClientAsync(transport, revision, limit, cancellation), http);
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    /// <summary>Begins one over the server's standard streams.</summary>
    /// <param name="input">What it reads.</param>
    /// <param name="output">What it writes.</param>
    /// <param name="revision">The revision; null is the latest.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<McpSession> OverStreamsAsync(
        Stream input,
        Stream output,
        string? revision,
        TimeSpan limit,
        CancellationToken cancellation
    ) => new(await ClientAsync(new StreamClientTransport(input, output), revision, limit, cancellation), http: null);

    /// <summary>Calls a tool.</summary>
    /// <returns>The result as it came.</returns>
    /// <exception cref="ModelContextProtocol.McpProtocolException">The server refuses.</exception>
    public async Task<JsonNode?> CallAsync(string tool, JsonElement arguments, CancellationToken cancellation)
    {
        JsonRpcResponse response = await _client.SendRequestAsync(
            new JsonRpcRequest
            {
                Method = RequestMethods.ToolsCall,
                Params = new JsonObject { ["name"] = tool, ["arguments"] = JsonObject.Create(arguments) },
            },
            cancellation
        );
        return response.Result;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _http?.Dispose();
    }

    private static Task<McpClient> ClientAsync(
        IClientTransport transport,
        string? revision,
        TimeSpan limit,
        CancellationToken cancellation
    ) =>
        McpClient.CreateAsync(
            transport,
            new McpClientOptions
            {
                ClientInfo = new Implementation
                {
                    Name = "ocx-auditor",
                    Version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "0",
                },
                ProtocolVersion = revision,
                InitializationTimeout = limit,
                // A server that is slow is not one of an older revision.
                DiscoverProbeTimeout = limit,
            },
            cancellationToken: cancellation
        );
}
