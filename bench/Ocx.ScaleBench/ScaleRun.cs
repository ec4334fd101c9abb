using System.Diagnostics;
using System.Globalization;
using System.Text;
using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.ControlPlane.Tests;
using Ocx.NodeAgent.Cluster;

namespace Ocx.ScaleBench;

/// <summary>
/// One cluster of one size: a real API server and operator, nodes that exist as objects, and their agents' report
/// writers.
/// </summary>
internal sealed class ScaleRun : IAsyncDisposable
{
    private const string Tap = "scale";

    // A controller-manager of default settings creates 20 pods a second; here they come a little faster.
    private const int AgentsPerSecond = 25;
    private static readonly TimeSpan s_steady = TimeSpan.FromSeconds(60);

    private readonly int _nodes;
    private readonly Cluster _cluster;
    private readonly OperatorProcess _operator;
    private readonly SimulatedAgents _agents;
    private readonly List<Finding> _findings = [];

    private ScaleRun(int nodes, Cluster cluster, OperatorProcess process, SimulatedAgents agents)
    {
        (_nodes, _cluster, _operator, _agents) = (nodes, cluster, process, agents);
    }

    /// <summary>The last of what the operator logged.</summary>
    public string OperatorLog => _operator.Process.Output;

    public static async Task<ScaleRun> StartAsync(int nodes)
    {
        Log($"{nodes} nodes: starting the control plane");
        // Without a controller-manager: its pods and leases for nodes without a kubelet would be measured too.
        // The agents share a token that is bound to no pod, which the admission policy of newer servers refuses.
        var cluster = new Cluster
        {
            ControlPlane = new() { WithControllerManager = false },
            ChartValues = "admissionPolicy.enabled=false",
        };
        await cluster.InitializeAsync();
        await Parallel.ForEachAsync(
            Names(nodes),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (name, _) => await cluster.CreateNodeAsync(name)
        );
        var process = cluster.StartOperator();
        await cluster.CreateTapAsync(Tap);
        await cluster.DaemonSetExistsAsync(Tap);
        await ObserveAsync(cluster, nodes);

        var http = InClusterApi.CreateClient(cluster.ControlPlane.Address, cluster.ControlPlane.Authority);
        var agents = new SimulatedAgents(
            http,
            await cluster.TokenAsync(Cluster.AgentAccount),
            Tap,
            (await cluster.TapAsync(Tap)).Uid(),
            Cluster.Namespace
        );
        return new ScaleRun(nodes, cluster, process, agents);
    }

    public async Task<IReadOnlyList<Finding>> MeasureAsync()
    {
        Log("the agents start");
        var before = await RequestCounts.ReadAsync(_cluster);
        await _agents.StartAsync(Names(_nodes), AgentsPerSecond);
        var after = await RequestCounts.ReadAsync(_cluster);
        Add(
            $"report writes while {AgentsPerSecond} agents start a second",
            "1/s",
            Rate(before, after, counts => counts.ReportWrites)
        );
        await _cluster.StatusAsync(
            Tap,
            status => status.Nodes!.Count + status.OmittedNodes == _nodes,
            "every node is in the status"
        );

        await MeasureSteadyStateAsync();
        await MeasureLatencyAsync();
        await MeasureApplyAsync();
        await MeasureSizeAsync();
        return _findings;
    }

    public async ValueTask DisposeAsync()
    {
        await _agents.DisposeAsync();
        await _operator.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    private async Task MeasureSteadyStateAsync()
    {
        // Until the operator has told every agent its interval: 25 of them a second.
        var expected = ApiDuration.Format(
            Operator.Status.ReportInterval.Of(new V1Alpha1McpTapSpec().ReportInterval, _nodes)
        );
        await Eventually.TrueAsync(
            async () => await ToldAsync(expected) == _nodes,
            TimeSpan.FromSeconds(150),
            $"every report's interval is {expected}"
        );
        Log($"every agent reports each {expected}; steady for {s_steady.TotalSeconds} s");

        var samples = new List<RequestCounts> { await RequestCounts.ReadAsync(_cluster) };
        var cpu = _operator.Process.ProcessorTime;
        long resident = 0;
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < s_steady)
        {
            await Task.Delay(TimeSpan.FromSeconds(5));
            samples.Add(await RequestCounts.ReadAsync(_cluster));
            resident = Math.Max(resident, _operator.Process.ResidentBytes);
        }

        Add("report interval", "s", ApiDuration.Parse(expected).TotalSeconds);
        Add("report writes, mean", "1/s", Rate(samples[0], samples[^1], counts => counts.ReportWrites), limit: 50);
        Add(
            "report writes, busiest 10 s",
            "1/s",
            samples.Zip(samples.Skip(2)).Max(pair => Rate(pair.First, pair.Second, counts => counts.ReportWrites)),
            limit: 50
        );
        // Thirteen writes have twelve gaps between them: those are what is at least five seconds long.
        var elapsed = (samples[^1].At - samples[0].At).TotalSeconds;
        Add(
            "status writes in 5 s",
            "1",
            5 * (samples[^1].StatusWrites - samples[0].StatusWrites - 1) / elapsed,
            limit: 1
        );
        Add("operator, largest resident size", "MiB", resident / 1048576.0, limit: 256);
        Add(
            "operator, share of one core",
            "%",
            100 * (_operator.Process.ProcessorTime - cpu).TotalSeconds / watch.Elapsed.TotalSeconds
        );
    }

    // One more node reports at known times. It has lost the most packets, so it is among the nodes that the status
    // lists.
    private async Task MeasureLatencyAsync()
    {
        Log("report -> status");
        const string Probe = "probe";
        await _cluster.CreateNodeAsync(Probe);
        var client = _agents.Client(Probe);
        var samples = new Samples();
        TimeSpan? interval = null;
        for (var number = 1; number <= 10; number++)
        {
            var counts = new TrafficCounts
            {
                Total = number,
                Filtered = number,
                Captured = number,
                Dropped = 1,
            };
            interval =
                await client.ApplyAsync(
                    new V1Alpha1McpTapReportStatus
                    {
                        Phase = NodePhase.Running,
                        Packets = counts,
                        LastReportTime = DateTime.UtcNow,
                    },
                    CancellationToken.None
                ) ?? interval;
            var seen = await _cluster.StatusAsync(
                Tap,
                status => status.Nodes!.Any(node => node.Node == Probe && node.Captured == counts.Captured),
                "the report is in the status"
            );
            samples.Add(seen.TotalSeconds);
            await Task.Delay(Random.Shared.Next(500, 3000));
        }

        Add("report written -> in the status, median of 10", "s", samples.Percentile(0.5));
        Add(
            "report written -> in the status, worst of 10",
            "s",
            samples.Percentile(1),
            limit: (interval ?? TimeSpan.FromSeconds(10)).TotalSeconds + 2
        );
    }

    private async Task MeasureApplyAsync()
    {
        Log("apply -> DaemonSet");
        var samples = new Samples();
        for (var number = 0; number < 100; number++)
        {
            var name = $"apply-{number}";
            await _cluster.CreateTapAsync(name, $$$"""{"port":{{{10000 + number}}},"nodeSelector":{"no":"node"}}""");
            var watch = Stopwatch.StartNew();
            while (await IsMissingAsync(name))
            {
                await Task.Delay(5);
            }

            samples.Add(watch.Elapsed.TotalMilliseconds);
        }

        Add("apply -> DaemonSet, median of 100", "ms", samples.Percentile(0.5));
        Add("apply -> DaemonSet, p99", "ms", samples.Percentile(0.99), limit: 1000);
    }

    private async Task MeasureSizeAsync()
    {
        Log("the object's size when a hundred agents fail with long messages");
        Add("McpTap object", "KiB", await SizeAsync(), limit: 64);
        var failed = new V1Alpha1McpTapReportStatus
        {
            Phase = NodePhase.Failed,
            Message = new string('m', 1024),
            LastReportTime = DateTime.UtcNow.AddYears(1),
        };
        foreach (var number in Enumerable.Range(0, 100))
        {
            await _cluster.CreateNodeAsync($"failing-{number}.a-domain-of-some-length.example.internal");
            await _agents
                .Client($"failing-{number}.a-domain-of-some-length.example.internal")
                .ApplyAsync(failed, CancellationToken.None);
        }

        await _cluster.StatusAsync(
            Tap,
            status => status.Nodes!.Count(node => node.Phase == NodePhase.Failed) == 100,
            "a hundred failed nodes are listed"
        );
        Add("McpTap object, a hundred nodes that fail", "KiB", await SizeAsync(), limit: 64);
    }

    private async Task<bool> IsMissingAsync(string tap)
    {
        try
        {
            await _cluster.Admin.AppsV1.ReadNamespacedDaemonSetAsync($"ocx-agent-{tap}", Cluster.Namespace);
            return false;
        }
        catch (k8s.Autorest.HttpOperationException absent)
            when (absent.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return true;
        }
    }

    private async Task<int> ToldAsync(string interval)
    {
        var reports = await _cluster.ControlPlane.KubectlAsync(
            "-n",
            Cluster.Namespace,
            "get",
            "mcptapreports",
            "-o",
            "jsonpath={range .items[*]}{.spec.interval}{\"\\n\"}{end}"
        );
        await Task.Delay(2000);
        return reports.Split('\n').Count(line => line == interval);
    }

    // As it is stored, with the fields' owners.
    private async Task<double> SizeAsync() =>
        Encoding.UTF8.GetByteCount(
            await _cluster.ControlPlane.KubectlAsync("get", "--raw", $"/apis/{OcxApi.GroupVersion}/mcptaps/{Tap}")
        ) / 1024.0;

    // The controller-manager's part.
    private static async Task ObserveAsync(Cluster cluster, int nodes) =>
        await cluster.Admin.AppsV1.PatchNamespacedDaemonSetStatusAsync(
            new V1Patch(
                $$$"""{"status":{"currentNumberScheduled":{{{nodes}}},"desiredNumberScheduled":{{{nodes}}}"""
                    + $$$""","numberMisscheduled":0,"numberReady":{{{nodes}}},"updatedNumberScheduled":{{{nodes}}}"""
                    + ""","observedGeneration":1}}""",
                V1Patch.PatchType.MergePatch
            ),
            $"ocx-agent-{Tap}",
            Cluster.Namespace
        );

    private static double Rate(RequestCounts first, RequestCounts last, Func<RequestCounts, double> count) =>
        (count(last) - count(first)) / (last.At - first.At).TotalSeconds;

    private static List<string> Names(int nodes) =>
        [
            .. Enumerable
                .Range(0, nodes)
                .Select(number => string.Create(CultureInfo.InvariantCulture, $"node-{number:D4}.example.internal")),
        ];

    private void Add(string name, string unit, double value, double? limit = null)
    {
        _findings.Add(new Finding(_nodes, name, unit, Math.Round(value, 2), limit));
        Log(string.Create(CultureInfo.InvariantCulture, $"  {name}: {value:0.##} {unit}"));
    }

    private static void Log(string text) => Console.WriteLine($"{DateTime.Now:HH:mm:ss} {text}");
}
