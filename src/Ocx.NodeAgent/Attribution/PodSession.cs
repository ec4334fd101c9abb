using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Ocx.NodeAgent.Cluster;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Attribution;

/// <summary>The watch of this node's pods at work, from the agent's start to its end.</summary>
internal sealed class PodSession : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    private PodSession(HttpClient http, string node, ILoggerFactory loggers)
    {
        _http = http;
        var client = new PodClient(http, node, InClusterApi.ReadToken);
        _watching = new PodWatch(client, Pods, loggers.CreateLogger<PodWatch>()).RunAsync(_stop.Token);
    }

    /// <summary>The node's pods.</summary>
    public PodTable Pods { get; } = new();

    /// <summary>Starts to watch the pods of a node of the cluster that this pod runs in.</summary>
    /// <exception cref="StartupException">The agent runs in no pod.</exception>
    public static PodSession Start(string node, ILoggerFactory loggers)
    {
        try
        {
            return new PodSession(InClusterApi.CreateClient(), node, loggers);
        }
        catch (Exception missing) when (missing is InvalidOperationException or IOException or CryptographicException)
        {
            throw new StartupException($"cannot watch pods: {missing.Message}", missing);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _stop.Dispose();
        _http.Dispose();
    }
}
