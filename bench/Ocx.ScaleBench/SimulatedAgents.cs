using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Ocx.Api;
using Ocx.NodeAgent.Options;
using Ocx.NodeAgent.Reporting;

namespace Ocx.ScaleBench;

/// <summary>
/// The agents' own report writers, each with counts that grow all the time: what a busy cluster has to tell.
/// </summary>
internal sealed class SimulatedAgents(HttpClient http, string token, string tap, string tapUid, string namespaceName)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>Starts the next agents, some in each second.</summary>
    public async Task StartAsync(IReadOnlyList<string> nodes, int perSecond)
    {
        var watch = Stopwatch.StartNew();
        for (var number = 0; number < nodes.Count; number++)
        {
            var due = TimeSpan.FromSeconds((double)number / perSecond) - watch.Elapsed;
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due);
            }

            var options = Options(nodes[number]);
            var writer = new ReportWriter(
                new ReportClient(http, options, () => token),
                options,
                Snapshot,
                NullLogger<ReportWriter>.Instance
            );
            _running.Add(Task.Run(() => writer.RunAsync(_stop.Token)));
        }
    }

    /// <summary>A client for one node's report, for a report that is written at a known time.</summary>
    public ReportClient Client(string node) => new(http, Options(node), () => token);

    public async ValueTask DisposeAsync()
    {
        // No last reports: the control plane goes with them.
        http.Dispose();
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ContinueWith(_ => { }, TaskScheduler.Default);
        _stop.Dispose();
    }

    private ReportOptions Options(string node) =>
        new()
        {
            Tap = tap,
            TapUid = tapUid,
            Node = node,
            Namespace = namespaceName,
            Interval = TimeSpan.FromSeconds(10),
        };

    private AgentSnapshot Snapshot()
    {
        var packets = (long)(Stopwatch.GetElapsedTime(_started).TotalSeconds * 1000);
        var counts = new TrafficCounts
        {
            Total = 2 * packets,
            Filtered = packets,
            Captured = packets,
        };
        return new AgentSnapshot(NodePhase.Running, null, counts, counts, new());
    }
}
