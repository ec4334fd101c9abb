using System.Diagnostics;
using System.Globalization;
using Ocx.GateBench.Calls;
using Ocx.GateBench.Reporting;

namespace Ocx.GateBench.Measuring;

/// <summary>
/// Calls over 16 connections at once, each of which waits for its answers: how many there are in a second, and what
/// they cost.
/// </summary>
internal sealed class RateMeasurement(Bench bench, CancellationToken cancellation)
{
    private const int Connections = 16;
    private const int Rounds = 7;
    private static readonly TimeSpan s_block = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(200);

    private sealed record Case(Route Route, string Tool)
    {
        public List<Block> Blocks { get; } = [];

        public double Median(Func<Block, double> value) => Blocks.Select(value).Median();
    }

    // Milliseconds of each for 1,000 calls.
    private readonly record struct Block(double CallsPerSecond, double Between, double Judge, double Machine);

    public void Run(GateReport report)
    {
        Case plain = new(bench.NoRule, "list_row"),
            idle = new(bench.Idle, "list_row");
        Case[] cases =
        [
            plain,
            new(bench.Bypass, "list_row"),
            idle,
            new(bench.Judged, "list_row"),
            new(bench.Judged, "delete_row"),
            new(bench.Judged, "get_row"),
            new(bench.Proxied, "list_row"),
        ];
        var order = new Random(1);
        for (int round = 0; round < Rounds; round++)
        {
            Case[] turn = [.. cases];
            order.Shuffle(turn);
            foreach (Case one in turn)
            {
                cancellation.ThrowIfCancellationRequested();
                one.Blocks.Add(Measure(one));
            }
        }

        report.Rate.AddRange(
            cases.Select(one => new RateRow(
                one.Route.Name,
                one.Tool,
                one.Median(block => block.CallsPerSecond),
                one.Blocks.Zip(plain.Blocks, (here, there) => here.CallsPerSecond / there.CallsPerSecond).Median(),
                one.Median(block => block.Between),
                one.Median(block => block.Judge),
                one.Median(block => block.Machine)
            ))
        );
        double rate = idle.Median(block => block.CallsPerSecond);
        report.Bars.Add(
            new Bar(
                "calls/s with nothing audited",
                ">= 5,000",
                rate.ToString("#,0", CultureInfo.InvariantCulture),
                rate >= 5000
            )
        );
    }

    private static Block Measure(Case one)
    {
        McpConnection[] connections = [.. Enumerable.Range(0, Connections).Select(_ => one.Route.Connect())];
        try
        {
            _ = Calls(connections, one.Tool, s_warmUp);
            double between = one.Route.Between?.CpuMs ?? 0,
                judge = one.Route.Judge?.CpuMs ?? 0,
                machine = BusyMs();
            long began = Stopwatch.GetTimestamp();
            double calls = Calls(connections, one.Tool, s_block);
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds,
                thousands = calls / 1000;
            return new Block(
                calls / seconds,
                ((one.Route.Between?.CpuMs ?? 0) - between) / thousands,
                ((one.Route.Judge?.CpuMs ?? 0) - judge) / thousands,
                (BusyMs() - machine) / thousands
            );
        }
        finally
        {
            Array.ForEach(connections, connection => connection.Dispose());
        }
    }

    private static long Calls(McpConnection[] connections, string tool, TimeSpan time)
    {
        long began = Stopwatch.GetTimestamp();
        Task<long>[] clients =
        [
            .. connections.Select(connection =>
                Task.Factory.StartNew(
                    () =>
                    {
                        long calls = 0;
                        for (; Stopwatch.GetElapsedTime(began) < time; calls++)
                        {
                            connection.Call(tool);
                        }
                        return calls;
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
            ),
        ];
        return Task.WhenAll(clients).GetAwaiter().GetResult().Sum();
    }

    // All but idle, iowait and steal (proc_stat(5)), in ticks of 10 ms.
    private static double BusyMs() =>
        File.ReadLines("/proc/stat")
            .First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..8]
            .Select(ticks => double.Parse(ticks, CultureInfo.InvariantCulture))
            .Where((_, column) => column is not 3 and not 4)
            .Sum() * 10;
}
