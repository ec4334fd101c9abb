using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using static Microsoft.Extensions.Options.Options;

namespace Ocx.NodeProgram;

/// <summary>
/// Answers <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>. Nothing that was captured is among the answers. It is
/// Kestrel alone, without hosting, routing and the rest of ASP.NET Core: docs/decisions/agent-http.md.
/// </summary>
public sealed class HttpEndpoint : IHttpApplication<IFeatureCollection>, IAsyncDisposable
{
    private const string PlainText = "text/plain; charset=utf-8";

    // A text of metrics is large where names are many: one is made at a time, and given up when nobody takes it.
    private static readonly TimeSpan s_scrape = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _scraping = new(1);

    private readonly KestrelServer _server;
    private readonly Func<string?> _notReady;
    private readonly Action<MetricsText> _metrics;

    private HttpEndpoint(IPEndPoint address, Func<string?> notReady, Action<MetricsText> metrics)
    {
        _notReady = notReady;
        _metrics = metrics;
        var options = new KestrelServerOptions { AddServerHeader = false };
        // Asked by a kubelet and a Prometheus or two; what others open on a node's address stays small.
        options.Limits.MaxConcurrentConnections = 32;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        options.Listen(address, listen => listen.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _server = new KestrelServer(Create(options), transport, NullLoggerFactory.Instance);
    }

    /// <summary>Listens on one address of this machine.</summary>
    /// <param name="address">The address.</param>
    /// <param name="notReady">Why the agent is not ready, in one line; null when it is.</param>
    /// <param name="metrics">Writes what is counted.</param>
    /// <exception cref="StartupException">The port is taken, or the address is not this machine's.</exception>
    public static async Task<HttpEndpoint> StartAsync(
        IPEndPoint address,
        Func<string?> notReady,
        Action<MetricsText> metrics
    )
    {
        var endpoint = new HttpEndpoint(address, notReady, metrics);
        try
        {
            await endpoint._server.StartAsync(endpoint, CancellationToken.None).ConfigureAwait(false);
            return endpoint;
        }
        catch (Exception refused) when (refused is IOException or SocketException)
        {
            endpoint._server.Dispose();
            throw new StartupException($"cannot listen on {address}: {refused.Message}", refused);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A scrape under way is not waited for.
        await _server.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        _server.Dispose();
        _scraping.Dispose();
    }

    IFeatureCollection IHttpApplication<IFeatureCollection>.CreateContext(IFeatureCollection contextFeatures) =>
        contextFeatures;

    void IHttpApplication<IFeatureCollection>.DisposeContext(IFeatureCollection context, Exception? exception) { }

    async Task IHttpApplication<IFeatureCollection>.ProcessRequestAsync(IFeatureCollection context)
    {
        IHttpRequestFeature request = context.GetRequiredFeature<IHttpRequestFeature>();
        if (request is { Method: "GET" or "HEAD", Path: "/metrics" })
        {
            await ScrapeAsync(context, request.Headers.Accept.ToString()).ConfigureAwait(false);
            return;
        }
        (HttpStatusCode code, string text) = request.Method is "GET" or "HEAD"
            ? Answer(request.Path)
            : (HttpStatusCode.MethodNotAllowed, "GET and HEAD alone\n");
        await SendAsync(context, code, PlainText, Encoding.UTF8.GetBytes(text), CancellationToken.None)
            .ConfigureAwait(false);
    }

    private static async Task SendAsync(
        IFeatureCollection context,
        HttpStatusCode code,
        string type,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        IHttpResponseFeature response = context.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = (int)code;
        response.Headers.ContentType = type;
        response.Headers.ContentLength = body.Length;
        if (context.GetRequiredFeature<IHttpRequestFeature>().Method != "HEAD")
        {
            await context
                .GetRequiredFeature<IHttpResponseBodyFeature>()
                .Writer.WriteAsync(body, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task ScrapeAsync(IFeatureCollection context, string accepted)
    {
        if (!await _scraping.WaitAsync(s_scrape).ConfigureAwait(false))
        {
            await SendAsync(
                    context,
                    HttpStatusCode.ServiceUnavailable,
                    PlainText,
                    "another scrape is under way\n"u8.ToArray(),
                    CancellationToken.None
                )
                .ConfigureAwait(false);
            return;
        }
        try
        {
            var text = new MetricsText(
                openMetrics: accepted.Contains("application/openmetrics-text", StringComparison.Ordinal)
            );
            _metrics(text);
            using var slow = new CancellationTokenSource(s_scrape);
            await SendAsync(context, HttpStatusCode.OK, text.ContentType, text.End(), slow.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            context.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
        }
        finally
        {
            _scraping.Release();
        }
    }

    // Being alive is being able to answer: an agent that cannot capture tells so in its readiness and goes on trying.
    private (HttpStatusCode Code, string Text) Answer(string path) =>
        path switch
        {
            "/healthz" => (HttpStatusCode.OK, "ok\n"),
            "/readyz" => _notReady() is { } why
                ? (HttpStatusCode.ServiceUnavailable, $"{why}\n")
                : (HttpStatusCode.OK, "ok\n"),
            _ => (HttpStatusCode.NotFound, "/healthz, /readyz or /metrics\n"),
        };
}
