using System.Diagnostics;
using System.Globalization;
using Ocx.TapBench.Footprint;
using Ocx.TapBench.Overhead;
using Ocx.TapBench.Reporting;

namespace Ocx.TapBench.Telemetry;

/// <summary>
/// What the agent takes while it tells of many calls in every way: a line each, metrics that are read each second, a
/// span and a log each by OTLP.
/// </summary>
internal static class TelemetryMeasurement
{
    private const int PerSecond = 10_000,
        Milliseconds = 10_000,
        SettleMs = 2_000,
        Rounds = 3;
    private const int HttpPort = 9400,
        OtlpPort = 4317;
    private const double MaxCpu = 0.5;

    public static async Task<IEnumerable<BenchRow>> RunAsync(Traffic traffic)
    {
        var rows = new List<BenchRow>();
        foreach (string events in (string[])["none", "calls"])
        {
            var rounds = new List<Round>();
            for (int round = 0; round < Rounds; round++)
            {
                rounds.Add(await MeasureAsync(traffic, events));
            }

            double cpu = rounds.Select(round => round.Cpu).Median();
            // The one connection does not always reach the rate: what a call takes is then held against the bar as if
            // it had.
            double atRate = rounds.Select(round => round.Cpu * PerSecond / round.CallsPerSecond).Max();
            double lost = rounds.Max(round => round.Lost),
                shed = rounds.Max(round => round.Shed);
            rows.Add(
                new BenchRow
                {
                    Name = $"cpu with metrics and OTLP, --events {events}",
                    EventsPerSecond = 2 * rounds.Select(round => round.CallsPerSecond).Median(),
                    DroppedShare = lost,
                    Value = cpu * 100,
                    Unit = "% of a core",
                    Bar = "under 50 % at 10,000 calls/s, nothing dropped",
                    BarMet = atRate < MaxCpu && lost == 0 && shed == 0,
                    Note = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{rounds.Select(round => round.CallsPerSecond).Median():N0} calls/s; "
                            + $"{shed:P1} of spans and logs shed; "
                            + $"{rounds.Select(round => round.OtlpBytes).Median() / 1e6:N1} MB/s of OTLP; "
                            + $"{rounds.Max(round => round.Memory) / 1048576.0:N0} MiB without ring"
                    ),
                }
            );
        }

        return rows;
    }

    private static async Task<Round> MeasureAsync(Traffic traffic, string events)
    {
        await using DiscardingReceiver receiver = await DiscardingReceiver.StartAsync(OtlpPort);
        using TapProcess agent = TapProcess.Agent(
            events,
            $"--http-port {HttpPort} --otlp-endpoint http://127.0.0.1:{OtlpPort}"
        );
        traffic.CallAtRate(SettleMs, PerSecond);

        using var stop = new CancellationTokenSource();
        Task scraping = ScrapeAsync(stop.Token);
        double before = ProcessUsage.CpuNs(agent.Id);
        long bytes = receiver.Bytes,
            start = Stopwatch.GetTimestamp();
        double calls = traffic.CallAtRate(Milliseconds, PerSecond);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double cpu = (ProcessUsage.CpuNs(agent.Id) - before) / (seconds * 1e9);
        await stop.CancelAsync();
        await scraping;

        // Batches leave within a second.
        await Task.Delay(2_000);
        string metrics = await MetricsAsync(CancellationToken.None);
        double told = Sum("ocx_agent_otlp_exported_total"),
            shed = Sum("ocx_agent_otlp_shed_total");
        double lost =
            Sum("ocx_agent_dropped_packets_total")
            + Sum("ocx_agent_shed_segments_total")
            + Sum("ocx_agent_mcp_gaps_total");
        return new Round(
            cpu,
            calls / seconds,
            lost / Sum("ocx_agent_captured_packets_total"),
            shed / (told + shed),
            (receiver.Bytes - bytes) / seconds,
            ProcessUsage.Resident(agent.Id).WithoutRing
        );

        double Sum(string name) =>
            metrics
                .Split('\n')
                .Where(line => line.StartsWith(name, StringComparison.Ordinal))
                .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    private static async Task ScrapeAsync(CancellationToken stop)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await pace.WaitForNextTickAsync(stop))
            {
                await MetricsAsync(stop);
            }
        }
        catch (OperationCanceledException) { }
    }

    private static async Task<string> MetricsAsync(CancellationToken stop)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://127.0.0.1:{HttpPort}/metrics"), stop);
    }

    private readonly record struct Round(
        double Cpu,
        double CallsPerSecond,
        double Lost,
        double Shed,
        double OtlpBytes,
        long Memory
    );
}
