using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Ocx.TapBench.Telemetry;

/// <summary>
/// Takes OTLP over gRPC at once and throws it away, so that what is measured is the agent and not its receiver: the
/// whole receivers at hand are slower than the agent. That these understand what the agent sends, the kernel suite
/// tests.
/// </summary>
internal sealed class DiscardingReceiver : IAsyncDisposable
{
    // A message that is not compressed and has no bytes: all of an Export…ServiceResponse that says that all was taken.
    private static readonly byte[] s_accepted = new byte[5];

    private readonly WebApplication _server;
    private long _bytes;

    private DiscardingReceiver(WebApplication server) => _server = server;

    /// <summary>Bytes received.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public static async Task<DiscardingReceiver> StartAsync(int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2)
        );
        var receiver = new DiscardingReceiver(builder.Build());
        receiver._server.Run(receiver.TakeAsync);
        await receiver._server.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        PipeReader body = http.Request.BodyReader;
        ReadResult read;
        do
        {
            read = await body.ReadAsync();
            Interlocked.Add(ref _bytes, read.Buffer.Length);
            body.AdvanceTo(read.Buffer.End);
        } while (!read.IsCompleted);

        http.Response.ContentType = "application/grpc";
        http.Response.DeclareTrailer("grpc-status");
        await http.Response.Body.WriteAsync(s_accepted);
        http.Response.AppendTrailer("grpc-status", "0");
    }
}
