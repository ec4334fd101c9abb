using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>
/// The shipped agent names every call of many MCP SDK sessions at once, and none that was not made, on a link that
/// makes TCP work.
/// </summary>
public sealed class CallTests : KernelTest
{
    private const int Sessions = 200;
    private const int CallsPerSession = 10;

    private static readonly IPEndPoint s_server = new(IPAddress.Parse("10.0.0.2"), 8080);

    [Theory]
    [InlineData("2026-07-28")]
    [InlineData("2025-11-25")]
    [InlineData("2025-06-18")]
    [InlineData("2025-03-26")]
    [InlineData("2024-11-05")]
    public async Task The_calls_of_200_sessions_over_a_rough_link_are_the_clients_own_log(string revision)
    {
        using var link = new RoughLink("10.0.0.1/24", "10.0.0.2/24", seed: 20261126);
        using var server = new McpServerProcess(link.Server, s_server, "--sessions");
        using AgentProcess agent = AgentProcess.Start(
            link.Server,
            "--interface",
            "server0",
            "--port",
            "8080",
            "--events",
            "calls"
        );
        var log = new ConcurrentBag<string>();
        await Task.WhenAll(
            Enumerable.Range(0, Sessions).Select(session => ConverseAsync(link.Client, session, revision, log))
        );
        agent.Stop();

        IReadOnlyList<JsonElement> all = agent.Events;
        JsonElement[] calls = [.. all.Where(call => call.GetProperty("method").GetString() == "tools/call")];
        Assert.Equal(log.Order(StringComparer.Ordinal), calls.Select(Describe).Order(StringComparer.Ordinal));
        Assert.All(calls, call => Assert.Equal(revision, call.GetProperty("protocolVersion").GetString()));
        Assert.All(calls, call => Assert.Equal("complete", call.GetProperty("completeness").GetString()));
        Assert.Equal(Sessions, all.Count(call => call.GetProperty("method").GetString() == "tools/list"));
        Assert.True(
            link.Lost > 100 && link.Repeated > 100 && link.Reordered > 100,
            $"lost {link.Lost}, repeated {link.Repeated}, reordered {link.Reordered}"
        );
        TestContext.Current.SendDiagnosticMessage(
            $"{calls.Length} calls; packets lost {link.Lost}, repeated {link.Repeated}, reordered {link.Reordered}"
        );
    }

    private static async Task ConverseAsync(
        NetworkNamespace @namespace,
        int session,
        string revision,
        ConcurrentBag<string> log
    )
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using SocketsHttpHandler handler = @namespace.HttpTo(
            s_server,
            socket => new NetworkStream(socket, ownsSocket: true)
        );
        using var http = new HttpClient(handler);
        bool first = revision == "2024-11-05"; // with a transport of its own
        var transport = new HttpClientTransportOptions
        {
            Endpoint = new Uri($"http://{s_server}{(first ? "/sse" : "/")}"),
            TransportMode = first ? HttpTransportMode.Sse : HttpTransportMode.StreamableHttp,
        };
        await using McpClient client = await McpClient.CreateAsync(
            new HttpClientTransport(transport, http),
            // On such a link the probe for the newest revision may take its time; a short one would choose an older
            // revision.
            new McpClientOptions { ProtocolVersion = revision, DiscoverProbeTimeout = Timeout.InfiniteTimeSpan },
            cancellationToken: cancellation
        );
        await client.ListToolsAsync(cancellationToken: cancellation);
        for (int call = 0; call < CallsPerSession; call++)
        {
            string tool = call == CallsPerSession - 1 ? "no_such_tool" : "echo";
            string text = string.Create(
                CultureInfo.InvariantCulture,
                $"session {session} call {call} {new string('x', 300 * call)}"
            );
            string status = "ok";
            try
            {
                await client.CallToolAsync(
                    tool,
                    new Dictionary<string, object?> { ["text"] = text },
                    cancellationToken: cancellation
                );
            }
            catch (McpException)
            {
                status = "rpc_error";
            }

            log.Add($"{tool} {status} {text}");
        }
    }

    private static string Describe(JsonElement call) =>
        $"{call.GetProperty("name")} {call.GetProperty("status")} {call.GetProperty("arguments").GetProperty("text")}";
}
