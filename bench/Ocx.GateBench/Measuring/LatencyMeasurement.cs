using System.Diagnostics;
using System.Globalization;
using Ocx.GateBench.Calls;
using Ocx.GateBench.Programs;
using Ocx.GateBench.Reporting;

namespace Ocx.GateBench.Measuring;

/// <summary>One call at a time on each way, in turn, round after round.</summary>
internal sealed class LatencyMeasurement(Bench bench, CancellationToken cancellation)
{
    private const int Rounds = 30;

    // Of a block: the first ones find caches that another way has filled.
    private const int WarmUp = 20;

    private sealed record Case(Route Route, string Tool, int Calls)
    {
        public List<double[]> Rounds { get; } = [];

        public double P50 => All.Median();

        public IEnumerable<double> All => Rounds.SelectMany(round => round);

        /// <summary>How much longer than the other, within a round: the median of all rounds.</summary>
        public double Beyond(Case other) =>
            Rounds.Zip(other.Rounds, (here, there) => here.Median() - there.Median()).Median();
    }

    public void Run(GateReport report)
    {
        Case plain = new(bench.NoRule, "list_row", 300),
            twin = new(bench.Twin, "list_row", 300),
            bypass = new(bench.Bypass, "list_row", 300),
            idle = new(bench.Idle, "list_row", 300),
            passing = new(bench.Judged, "list_row", 300),
            irreversible = new(bench.Judged, "delete_row", 100),
            reversible = new(bench.Judged, "get_row", 100),
            nginx = new(bench.Proxied, "list_row", 300),
            slow = new(bench.NoRule, "get_slow", 10),
            slowTwin = new(bench.Twin, "get_slow", 10),
            slowIdle = new(bench.Idle, "get_slow", 10),
            slowReversible = new(bench.Judged, "get_slow", 10),
            slowNginx = new(bench.Proxied, "get_slow", 10);
        Case[] fast = [plain, twin, bypass, idle, passing, irreversible, reversible, nginx],
            slows = [slow, slowTwin, slowIdle, slowReversible, slowNginx];
        // On a thread of its own, which stays on one processor.
        Task.Factory.StartNew(
                () => Measure([.. fast, .. slows]),
                cancellation,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            )
            .GetAwaiter()
            .GetResult();

        report.Latency.AddRange(fast.Select(one => Row(one, plain)));
        report.Latency.AddRange(slows.Select(one => Row(one, slow)));
        double gate = idle.Beyond(plain),
            proxy = nginx.Beyond(plain);
        report.Bars.Add(Bar("added with nothing to hold, p50", "<= 60 us", gate, gate <= 60));
        report.Bars.Add(Bar("the same, of what nginx adds", $"<= half of {Text(proxy)} us", gate, gate <= proxy / 2));
        double verdict = irreversible.Beyond(plain);
        report.Bars.Add(Bar("added by a verdict by policy alone, p50", "<= 2000 us", verdict, verdict <= 2000));
        // So far do the calls of a tool that takes 20 ms differ without any gate.
        double noise = slow.All.Percentile(0.75) - slow.All.Percentile(0.25),
            added = slowReversible.Beyond(slow);
        report.Bars.Add(
            Bar(
                "added to a reversible call of 20 ms, p50",
                $"0: within {Text(noise)} us, the middle half of calls without a rule",
                added,
                Math.Abs(added) <= noise
            )
        );
    }

    private void Measure(Case[] cases)
    {
        Native.Pin(0);
        var order = new Random(1);
        List<(Case Case, McpConnection Connection)> open = [.. cases.Select(one => (one, one.Route.Connect()))];
        try
        {
            // The first round finds programs that have never run.
            for (int round = -1; round < Rounds; round++)
            {
                (Case Case, McpConnection Connection)[] turn = [.. open];
                order.Shuffle(turn);
                foreach ((Case one, McpConnection connection) in turn)
                {
                    cancellation.ThrowIfCancellationRequested();
                    double[] block = Block(one, connection);
                    if (round >= 0)
                    {
                        one.Rounds.Add(block);
                    }
                }
            }
        }
        finally
        {
            open.ForEach(one => one.Connection.Dispose());
        }
    }

    private static double[] Block(Case one, McpConnection connection)
    {
        for (int call = 0; call < Math.Min(WarmUp, one.Calls / 5); call++)
        {
            connection.Call(one.Tool);
        }
        double[] block = new double[one.Calls];
        for (int call = 0; call < block.Length; call++)
        {
            long began = Stopwatch.GetTimestamp();
            connection.Call(one.Tool);
            block[call] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }
        return block;
    }

    private static LatencyRow Row(Case one, Case plain) =>
        new(one.Route.Name, one.Tool, one.P50, one.All.Percentile(0.99), one.Beyond(plain));

    private static Bar Bar(string name, string want, double measured, bool isMet) =>
        new(name, want, $"{Text(measured)} us", isMet);

    private static string Text(double value) => value.ToString("0.0", CultureInfo.InvariantCulture);
}
