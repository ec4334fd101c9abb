using System.Collections.Concurrent;
using System.Net;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>
/// A session of the MCP SDK's own client and server. What the client wrote to and read from its connections is held
/// against what was captured: all of it, once, in order.
/// </summary>
public sealed class McpSessionTests : KernelTest
{
    private const int Port = 8080;
    private const int Calls = 50;

    [Fact]
    public async Task A_session_on_lo_is_captured_whole()
    {
        using var host = new NetworkNamespace();
        await AssertCapturedWholeAsync(host, host, IPAddress.Loopback, host, "lo");
    }

    [Theory]
    [InlineData("10.0.0.1/24", "10.0.0.2/24")]
    [InlineData("fd00::1/64", "fd00::2/64")]
    public async Task A_session_over_a_veth_is_captured_whole(string client, string server)
    {
        using var pair = new VethPair(client, server);
        await AssertCapturedWholeAsync(pair.Client, pair.Server, pair.ServerAddress, pair.Server, "server0");
    }

    [Fact]
    public async Task A_session_between_two_pods_is_captured_whole_on_any_interface()
    {
        using var node = new BridgedNode();
        await AssertCapturedWholeAsync(node.FirstPod, node.SecondPod, node.SecondAddress, node.Host, "any");
    }

    private static async Task AssertCapturedWholeAsync(
        NetworkNamespace client,
        NetworkNamespace server,
        IPAddress address,
        NetworkNamespace tapped,
        string @interface
    )
    {
        var endpoint = new IPEndPoint(address, Port);
        using var program = new McpServerProcess(server, endpoint);
        var wire = new ConcurrentBag<RecordedConnection>();
        using TapSession tap = TapSession.Start(tapped, @interface);
        await RunSessionAsync(client, endpoint, wire);
        // The client has the last answer before its connection has read the end of it.
        await Task.WhenAll(wire.Select(connection => connection.Closed))
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        bool disturbed = client.IsDisturbed || server.IsDisturbed;
        Capture capture = tap.Stop();

        Assert.NotEmpty(wire);
        foreach (RecordedConnection connection in wire)
        {
            capture.AssertStream(connection.Local, connection.Remote, connection.Sent, disturbed);
            capture.AssertStream(connection.Remote, connection.Local, connection.Received, disturbed);
        }
        Assert.Equal(0ul, capture.Counters.Dropped);
        long said = wire.Sum(connection => (long)connection.Sent.Length + connection.Received.Length),
            captured = capture.Segments.Sum(segment => (long)segment.Payload.Length);
        Assert.True(captured == said || (disturbed && captured > said), $"{said} bytes said, {captured} captured");
    }

    private static async Task RunSessionAsync(
        NetworkNamespace @namespace,
        IPEndPoint server,
        ConcurrentBag<RecordedConnection> wire
    )
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using SocketsHttpHandler handler = @namespace.HttpTo(
            server,
            socket =>
            {
                var connection = new RecordedConnection(socket);
                wire.Add(connection);
                return connection;
            }
        );
        using var http = new HttpClient(handler);
        await using McpClient client = await SdkClient.ConnectAsync(http, server, cancellation);
        Assert.Contains(await client.ListToolsAsync(cancellationToken: cancellation), tool => tool.Name == "echo");
        for (int i = 0; i < Calls; i++)
        {
            string text = new('x', i * i * 20);
            CallToolResult result = await client.CallToolAsync(
                "echo",
                new Dictionary<string, object?> { ["text"] = text },
                cancellationToken: cancellation
            );
            Assert.Equal(text, result.Content.OfType<TextContentBlock>().Single().Text);
        }
    }
}
