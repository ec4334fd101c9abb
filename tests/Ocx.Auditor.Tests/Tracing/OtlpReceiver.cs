using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Ocx.Auditor.Tests.Tracing;

/// <summary>Takes spans by OTLP over HTTP or gRPC, on a free port of loopback.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _over = new();
    private readonly ConcurrentQueue<(string Path, string? Authorization, byte[] Body)> _requests = new();

    private OtlpReceiver(bool grpc, bool hangs)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                System.Net.IPAddress.Loopback,
                0,
                listen => listen.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1
            )
        );
        _app = builder.Build();
        _app.Run(http => TakeAsync(http, grpc, hangs));
    }

    /// <summary>Where it listens.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>The paths that were asked for.</summary>
    public IEnumerable<string> Paths => _requests.Select(request => request.Path).Distinct();

    /// <summary>What was sent as authorization.</summary>
    public IEnumerable<string?> Authorizations => _requests.Select(request => request.Authorization).Distinct();

    /// <summary>All bytes that came.</summary>
    public string Bytes => string.Concat(_requests.Select(request => Encoding.Latin1.GetString(request.Body)));

    /// <summary>How many requests came.</summary>
    public int Requests => _requests.Count;

    /// <summary>All spans that came.</summary>
    public IReadOnlyList<ReceivedSpan> Spans =>
        [.. _requests.SelectMany(request => ReceivedSpan.ReadAll(request.Body))];

    public static async Task<OtlpReceiver> StartAsync(bool grpc = false, bool hangs = false)
    {
        var receiver = new OtlpReceiver(grpc, hangs);
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>The calls' spans, once there are so many.</summary>
    public async Task<IReadOnlyList<ReceivedSpan>> CallsAsync(int count)
    {
        IReadOnlyList<ReceivedSpan> calls = [];
        await Wait.UntilAsync(
            () =>
                (calls = [.. Spans.Where(span => span.Name.StartsWith("audit ", StringComparison.Ordinal))]).Count
                >= count,
            TestContext.Current.CancellationToken
        );
        return calls;
    }

    public async ValueTask DisposeAsync()
    {
        _over.TrySetResult();
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext http, bool grpc, bool hangs)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        // In gRPC a message has a byte of flags and four of its length before it.
        _requests.Enqueue((http.Request.Path, http.Request.Headers.Authorization, body.ToArray()[(grpc ? 5 : 0)..]));
        if (hangs)
        {
            await _over.Task;
        }

        http.Response.ContentType = grpc ? "application/grpc" : "application/x-protobuf";
        if (grpc)
        {
            http.Response.DeclareTrailer("grpc-status");
            await http.Response.Body.WriteAsync(new byte[5], http.RequestAborted);
            http.Response.AppendTrailer("grpc-status", "0");
        }
    }
}
