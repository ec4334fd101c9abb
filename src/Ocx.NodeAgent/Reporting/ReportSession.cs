using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Ocx.NodeAgent.Cluster;
using Ocx.NodeAgent.Options;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Reporting;

/// <summary>The report writer at work, from the agent's start to its last report.</summary>
internal sealed class ReportSession : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writing;

    private ReportSession(HttpClient http, ReportOptions options, Func<AgentSnapshot> snapshot, ILoggerFactory loggers)
    {
        _http = http;
        var client = new ReportClient(http, options, InClusterApi.ReadToken);
        _writing = new ReportWriter(client, options, snapshot, loggers.CreateLogger<ReportWriter>()).RunAsync(
            _stop.Token
        );
    }

    /// <summary>Starts to report to the cluster that this pod runs in.</summary>
    /// <exception cref="StartupException">The agent runs in no pod.</exception>
    public static ReportSession Start(ReportOptions options, Func<AgentSnapshot> snapshot, ILoggerFactory loggers)
    {
        try
        {
            return new ReportSession(InClusterApi.CreateClient(), options, snapshot, loggers);
        }
        catch (Exception missing) when (missing is InvalidOperationException or IOException or CryptographicException)
        {
            throw new StartupException($"cannot report: {missing.Message}", missing);
        }
    }

    /// <summary>Writes the last report, or gives up after the writer's own time for it.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stop.Dispose();
        _http.Dispose();
    }
}
