using System.Net;
using ModelContextProtocol.Client;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>The C# SDK's client, over Streamable HTTP.</summary>
internal static class SdkClient
{
    /// <summary>Opens a session with a server.</summary>
    /// <param name="http">Its connections; they stay the caller's.</param>
    /// <param name="server">The server.</param>
    /// <param name="cancellation">Stops the beginning.</param>
    public static Task<McpClient> ConnectAsync(HttpClient http, IPEndPoint server, CancellationToken cancellation) =>
        McpClient.CreateAsync(
            new HttpClientTransport(
                new HttpClientTransportOptions
                {
                    Endpoint = new Uri($"http://{server}"),
                    TransportMode = HttpTransportMode.StreamableHttp,
                },
                http
            ),
            // On a busy machine a server that has just started may take its time for the first answer, and would be
            // taken for one of an older revision.
            new McpClientOptions { DiscoverProbeTimeout = Timeout.InfiniteTimeSpan },
            cancellationToken: cancellation
        );
}
