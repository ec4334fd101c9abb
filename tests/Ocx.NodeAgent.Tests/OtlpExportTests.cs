using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ocx.Mcp.Pairing;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Telemetry;
using Ocx.NodeProgram;
using Xunit;

namespace Ocx.NodeAgent.Tests;

/// <summary>
/// What goes over the wire to an OTLP receiver on HTTP, with the SDK's own variables set. No other class reads them.
/// </summary>
public sealed class OtlpExportTests : IDisposable
{
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string Headers = "OTEL_EXPORTER_OTLP_HEADERS";
    private const string Add = """
        {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":1}}}

        """;

    private readonly Uri _receiver = new($"http://127.0.0.1:{FreePort()}/tenant");

    public OtlpExportTests() => Environment.SetEnvironmentVariable(Protocol, "http/protobuf");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Protocol, null);
        Environment.SetEnvironmentVariable(Headers, null);
    }

    // This is also what a new version of the SDK must keep: the counting exporter gives the inner one its provider,
    // which it asks for the resource.
    [Fact]
    public async Task A_call_is_a_span_and_a_log_with_the_agents_resource_and_the_variables_headers_and_counted()
    {
        Environment.SetEnvironmentVariable(Headers, "authorization=Bearer%20abc,x-tenant=a=b\n");
        var received = new ConcurrentDictionary<string, (string? Authorization, string? Tenant, string Body)>();
        using var listener = new HttpListener { Prefixes = { $"{_receiver}/" } };
        listener.Start();
        Task serving = ServeAsync(listener, received);

        using (OtlpExport export = new OtlpExport(_receiver, "node-a"))
        {
            // The first requests of a process take longer than a stop may.
            Call(export);
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while ((export.Spans.Exported, export.Logs.Exported) != (1ul, 1ul))
            {
                await Task.Delay(10, patience.Token);
            }

            Call(export);
            await export.FlushAsync();
            Assert.Equal((2ul, 0ul), (export.Spans.Exported, export.Spans.Shed));
            Assert.Equal((2ul, 0ul), (export.Logs.Exported, export.Logs.Shed));
        }

        listener.Stop();
        await serving;
        Assert.Equal(["/tenant/v1/logs", "/tenant/v1/traces"], received.Keys.Order());
        Assert.All(
            received.Values,
            request =>
            {
                Assert.Equal(("Bearer abc", "a=b"), (request.Authorization, request.Tenant));
                Assert.All(
                    ["ocx-node-agent", "k8s.node.name", "node-a", "tools/call add"],
                    text => Assert.Contains(text, request.Body, StringComparison.Ordinal)
                );
            }
        );
    }

    [Theory]
    [InlineData("a-bare-token")]
    [InlineData("authorization=Bearer abc,a-bare-token")]
    public void Headers_that_cannot_be_read_are_refused_in_one_line_that_does_not_show_them(string headers)
    {
        Environment.SetEnvironmentVariable(Headers, headers);
        var refused = Assert.Throws<StartupException>(() => new OtlpExport(_receiver, "node-a"));
        Assert.StartsWith(Headers + ": ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.DoesNotContain("bare", refused.ToString(), StringComparison.Ordinal);
    }

    private static void Call(OtlpExport export)
    {
        var calls = new CallFollower(new MonotonicClock(), new McpOptions(), export);
        foreach (
            byte[] record in Records.Conversation(
                Encoding.UTF8.GetBytes(Add),
                Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"result":{"content":[]}}""" + "\n"),
                TimeSpan.FromMilliseconds(5)
            )
        )
        {
            calls.Accept(CapturedSegment.Read(record));
        }
        calls.Finish();
    }

    private static async Task ServeAsync(
        HttpListener listener,
        ConcurrentDictionary<string, (string?, string?, string)> received
    )
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                received[context.Request.Url!.AbsolutePath] = (
                    context.Request.Headers["authorization"],
                    context.Request.Headers["x-tenant"],
                    Encoding.Latin1.GetString(body.ToArray())
                );
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
        }
        catch (Exception stopped)
            when (stopped is HttpListenerException or InvalidOperationException && !listener.IsListening)
        {
            // The test is over: the listener was stopped while it waited, or between two requests.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
