using System.Net;
using System.Net.Sockets;
using System.Text;
using Ocx.Api;
using Ocx.NodeAgent.Options;

namespace Ocx.NodeAgent.Http;

/// <summary>Answers <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>. Nothing that was captured is among the answers.</summary>
internal sealed class HttpEndpoint : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly AgentStatus _status;
    private readonly AgentMetrics _metrics;
    private readonly Task _serving;

    private HttpEndpoint(string prefix, AgentStatus status, AgentMetrics metrics)
    {
        _status = status;
        _metrics = metrics;
        _listener.Prefixes.Add(prefix);
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Listens on one address of this machine.</summary>
    /// <exception cref="StartupException">The port is taken, or the address is not this machine's.</exception>
    public static HttpEndpoint Start(IPEndPoint address, AgentStatus status, AgentMetrics metrics)
    {
        try
        {
            string host = IPAddress.Any.Equals(address.Address) ? $"*:{address.Port}" : $"{address}";
            return new HttpEndpoint($"http://{host}/", status, metrics);
        }
        catch (Exception refused) when (refused is HttpListenerException or SocketException)
        {
            throw new StartupException($"cannot listen on {address}: {refused.Message}", refused);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving.ConfigureAwait(false);
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                HttpListenerContext context = await _listener.GetContextAsync().ConfigureAwait(false);
                await AnswerAsync(context).ConfigureAwait(false);
            }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
            {
                // The client went away, or the agent stops.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using HttpListenerResponse response = context.Response;
        (HttpStatusCode code, string text) = context.Request.HttpMethod is "GET" or "HEAD"
            ? Answer(context.Request.Url?.AbsolutePath)
            : (HttpStatusCode.MethodNotAllowed, "GET and HEAD alone\n");
        byte[] body = Encoding.UTF8.GetBytes(text);
        response.StatusCode = (int)code;
        response.ContentType = PrometheusText.ContentType;
        response.ContentLength64 = body.Length;
        if (context.Request.HttpMethod != "HEAD")
        {
            await response.OutputStream.WriteAsync(body).ConfigureAwait(false);
        }
    }

    // Being alive is being able to answer: an agent that cannot capture tells so in its readiness and goes on trying.
    private (HttpStatusCode Code, string Text) Answer(string? path) => path switch
    {
        "/healthz" => (HttpStatusCode.OK, "ok\n"),
        "/readyz" when _status.Phase == NodePhase.Running => (HttpStatusCode.OK, "ok\n"),
        "/readyz" => (HttpStatusCode.ServiceUnavailable, $"{_status.Problem ?? "starting"}\n"),
        "/metrics" => (HttpStatusCode.OK, _metrics.Render()),
        _ => (HttpStatusCode.NotFound, "/healthz, /readyz or /metrics\n"),
    };
}
