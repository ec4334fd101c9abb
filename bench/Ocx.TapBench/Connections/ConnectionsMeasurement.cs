using System.Diagnostics;
using System.Globalization;
using Ocx.TapBench.Footprint;
using Ocx.TapBench.Reporting;

namespace Ocx.TapBench.Connections;

/// <summary>
/// Each call over a connection of its own on lo, which ends with the answer, many a second: how many of them the agent,
/// at its default settings, tells
/// whole while it runs.
/// </summary>
internal static class ConnectionsMeasurement
{
    private const string Address = "127.0.0.1",
        Port = "8080";
    private static readonly TimeSpan s_lastCalls = TimeSpan.FromSeconds(5);

    public static IEnumerable<BenchRow> Run() => ((string[])["1.1", "1.0"]).SelectMany(Measure);

    private static IEnumerable<BenchRow> Measure(string version)
    {
        int seconds = Setting("OCX_BENCH_SECONDS", 60),
            rate = Setting("OCX_BENCH_RATE", 2000),
            expected = seconds * rate;
        using Process server = Process.Start(
            new ProcessStartInfo("taskset", ["-c", "1", Tool.Traffic, "serve-short", Address, Port])
        )!;
        try
        {
            using var agent = new CallingAgent(expected);
            long start = Stopwatch.GetTimestamp();
            double cpu = ProcessUsage.CpuNs(agent.Id);
            string[] client = Tool.Run(
                    "taskset",
                    "-c",
                    "0",
                    Tool.Traffic,
                    "short",
                    Address,
                    Port,
                    version,
                    Text(seconds * 1000),
                    Text(rate)
                )
                .Split(' ');
            double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
            cpu = (ProcessUsage.CpuNs(agent.Id) - cpu) / (took * 1e9);
            int answered = int.Parse(client[0], CultureInfo.InvariantCulture),
                late = int.Parse(client[1], CultureInfo.InvariantCulture);
            agent.WaitUntilTold(answered, s_lastCalls);
            ToldCalls live = agent.Calls;
            (int told, int complete, int ok) = (live.Told, live.Complete, live.Ok);
            long memory = ProcessUsage.Resident(agent.Id).WithoutRing;
            string counts = agent.Stop();
            double share = Math.Min(Math.Min(told, complete), ok) / (double)answered;
            return
            [
                new BenchRow
                {
                    Name = $"short connections, HTTP/{version}",
                    EventsPerSecond = answered / took,
                    Value = Math.Floor(share * 10_000) / 100,
                    Unit = "% told, complete and ok",
                    Bar = "100 %, and none twice",
                    BarMet = share == 1 && live.Strange == 0 && late == 0,
                    Note =
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{answered} calls in {took:F1} s, {late} late; told {told}, complete {complete}, ok {ok}; "
                        )
                        + string.Create(
                            CultureInfo.InvariantCulture,
                            $"at the stop {live.Told}, {live.Complete}, {live.Ok}; strange {live.Strange}; "
                        )
                        + string.Create(
                            CultureInfo.InvariantCulture,
                            $"{cpu * 100:F0} % of a core; {memory / 1048576} MiB without ring; {counts}"
                        ),
                },
            ];
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
