using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Api;
using Ocx.NodeAgent.Cluster;
using Ocx.NodeAgent.Options;
using Ocx.NodeAgent.Reporting;

namespace Ocx.ControlPlane.Tests;

/// <summary>An agent's report writer, whose counts the test sets.</summary>
public sealed class Reporter : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly string _token;
    private readonly ReportOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private bool _over;

    public Reporter(Uri address, string authority, string token, string tap, string tapUid, string node)
    {
        _token = token;
        _options = new ReportOptions
        {
            Tap = tap,
            TapUid = tapUid,
            Node = node,
            Namespace = Cluster.Namespace,
            Interval = TimeSpan.FromSeconds(2),
        };
        _http = InClusterApi.CreateClient(address, authority);
        Client = new ReportClient(_http, _options, () => token);
        _run = new ReportWriter(Client, _options, () => Snapshot, NullLogger<ReportWriter>.Instance).RunAsync(
            _stop.Token
        );
    }

    /// <summary>A tool's name may have any character.</summary>
    public const string Tool = "echo \ud83d\udd27";

    public ReportClient Client { get; }

    /// <summary>The same agent, trying to write the report of another node.</summary>
    public ReportClient ClientOf(string node) => new(_http, _options with { Node = node }, () => _token);

    public AgentSnapshot Snapshot { get; set; } = new(NodePhase.Running, null, new(), new(), new());

    /// <summary>Two packets are a call.</summary>
    public void Captured(long packets, long dropped = 0) =>
        Snapshot = Snapshot with
        {
            Calls = new()
            {
                Total = packets / 2,
                Errors = 1,
                BusiestTools = [new() { Name = Tool, Calls = packets / 2 }],
            },
            Packets = new TrafficCounts
            {
                Total = packets + dropped,
                Filtered = packets + dropped,
                Captured = packets,
                Dropped = dropped,
            },
        };

    /// <summary>Ends without a last word: nothing that it sends arrives any more.</summary>
    public async Task CrashAsync()
    {
        _over = true;
        _http.Dispose();
        await _stop.CancelAsync();
        await _run.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_over)
        {
            _over = true;
            await _stop.CancelAsync();
            await _run;
        }

        _stop.Dispose();
        _http.Dispose();
    }
}
