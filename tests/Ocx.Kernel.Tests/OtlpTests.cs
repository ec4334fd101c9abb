using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ModelContextProtocol.Client;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests;

/// <summary>
/// Spans and logs of real MCP calls, from the shipped agent to a real OTLP receiver, and to receivers that are none.
/// </summary>
public sealed class OtlpTests : KernelTest
{
    private const int Calls = 20;
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string ParentId = "00f067aa0ba902b7";
    private const string Secret = "abcdefghijklmnop0123456789";
    private const string HeadersSecret = "of-the-receiver-9876543210";

    private static readonly IPEndPoint s_server = new(IPAddress.Loopback, 8080);
    private static readonly IPEndPoint s_metrics = new(IPAddress.Loopback, 9910);

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Every_call_is_a_span_and_a_log_under_the_clients_trace_and_no_secret_among_them(string protocol)
    {
        using var host = new NetworkNamespace();
        using var server = new McpServerProcess(host, s_server);
        using var receiver = new OtlpReceiver(host);
        using AgentProcess agent = Start(host, protocol, protocol == "grpc" ? OtlpReceiver.Grpc : OtlpReceiver.Http);
        await CallAsync(host);

        JsonElement[] spans =
        [
            .. (await receiver.SpansAsync(Calls + 2)).Where(span =>
                span.GetProperty("name").GetString() == "tools/call echo"
            ),
        ];
        Assert.Equal(Calls, spans.Length);
        Assert.All(
            spans,
            span =>
            {
                Assert.Equal(TraceId, span.GetProperty("traceId").GetString());
                Assert.Equal(ParentId, span.GetProperty("parentSpanId").GetString());
                string attributes = span.GetProperty("attributes").GetRawText();
                Assert.All(
                    [
                        "mcp.method.name",
                        "gen_ai.tool.name",
                        "mcp.protocol.version",
                        "server.address",
                        "network.transport",
                        "jsonrpc.request.id",
                    ],
                    name => Assert.Contains($"\"{name}\"", attributes, StringComparison.Ordinal)
                );
                Assert.DoesNotContain(Secret, span.GetRawText(), StringComparison.Ordinal);
            }
        );
        IReadOnlyList<JsonElement> logs = await receiver.LogsAsync(Calls + 2);
        Assert.Equal(Calls, logs.Count(log => log.GetRawText().Contains("tools/call echo", StringComparison.Ordinal)));
        Assert.All(logs, log => Assert.DoesNotContain(Secret, log.GetRawText(), StringComparison.Ordinal));
        Assert.Contains(logs, log => log.GetRawText().Contains("[redacted]", StringComparison.Ordinal));
        agent.Stop();
        Assert.DoesNotContain(agent.Log, line => line.Contains(HeadersSecret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("away")]
    [InlineData("silent")]
    [InlineData("refusing")]
    public async Task A_receiver_that_takes_nothing_costs_no_call_and_holds_up_no_stop(string kind)
    {
        using var host = new NetworkNamespace();
        using var server = new McpServerProcess(host, s_server);
        using Socket? listener =
            kind == "away"
                ? null
                : host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener?.Bind(OtlpReceiver.Http);
        listener?.Listen();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task serving = kind == "refusing" ? RefuseAsync(listener!, enough.Token) : Task.CompletedTask;
        using AgentProcess agent = Start(host, "http/protobuf", OtlpReceiver.Http);
        await CallAsync(host);

        string metrics = await AwaitCallsAsync(host);
        Assert.Contains("ocx_agent_dropped_packets_total{reason=\"ring_full\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("ocx_agent_shed_segments_total{sink=\"stdout\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("ocx_agent_otlp_exported_total{signal=\"traces\"} 0\n", metrics, StringComparison.Ordinal);
        agent.Stop();
        await enough.CancelAsync();
        await serving;
    }

    private static AgentProcess Start(NetworkNamespace host, string protocol, IPEndPoint receiver)
    {
        AgentProcess agent = AgentProcess.LaunchBy(
            host,
            [
                "env",
                $"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}",
                $"OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer {HeadersSecret}",
            ],
            "--interface",
            "lo",
            "--log-level",
            "trace",
            "--port",
            $"{s_server.Port}",
            "--events",
            "none",
            "--http-port",
            $"{s_metrics.Port}",
            "--otlp-endpoint",
            $"http://{receiver}"
        );
        agent.AwaitLog("Tapping ");
        return agent;
    }

    private static async Task CallAsync(NetworkNamespace host)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using SocketsHttpHandler handler = host.HttpTo(s_server, socket => new NetworkStream(socket, ownsSocket: true));
        using var http = new HttpClient(handler);
        http.DefaultRequestHeaders.Add("traceparent", $"00-{TraceId}-{ParentId}-01");
        await using McpClient client = await SdkClient.ConnectAsync(http, s_server, cancellation);
        await client.ListToolsAsync(cancellationToken: cancellation);
        for (int i = 0; i < Calls; i++)
        {
            await client.CallToolAsync(
                "echo",
                new Dictionary<string, object?> { ["text"] = $"Bearer {Secret}" },
                cancellationToken: cancellation
            );
        }
    }

    private static async Task<string> AwaitCallsAsync(NetworkNamespace host)
    {
        using var http = new HttpClient(host.HttpTo(s_metrics, socket => new NetworkStream(socket, ownsSocket: true)));
        string metrics = string.Empty;
        for (int attempt = 0; attempt < 40; attempt++)
        {
            metrics = await http.GetStringAsync(
                new Uri($"http://{s_metrics}/metrics"),
                TestContext.Current.CancellationToken
            );
            string? ok = metrics
                .Split('\n')
                .FirstOrDefault(line =>
                    line.StartsWith("ocx_agent_calls_total{status=\"ok\"} ", StringComparison.Ordinal)
                )
                ?.Split(' ')[1];
            if (ok is not null && int.Parse(ok, CultureInfo.InvariantCulture) >= Calls + 2)
            {
                return metrics;
            }

            await Task.Delay(250, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"fewer than {Calls + 2} calls were seen: {metrics}");
        return metrics;
    }

    private static async Task RefuseAsync(Socket listener, CancellationToken enough)
    {
        byte[] buffer = new byte[64 * 1024];
        while (!enough.IsCancellationRequested)
        {
            try
            {
                using Socket connection = await listener.AcceptAsync(enough);
                await connection.ReceiveAsync(buffer, enough);
                await connection.SendAsync(
                    Encoding.ASCII.GetBytes(
                        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    ),
                    enough
                );
            }
            catch (Exception over) when (over is OperationCanceledException or SocketException)
            {
                // The test is over, or the agent has gone.
            }
        }
    }
}
