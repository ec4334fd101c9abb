using System.Diagnostics;
using Ocx.TapBench.Overhead;
using Ocx.TapBench.Reporting;

namespace Ocx.TapBench.Footprint;

/// <summary>What the agent takes of the machine while it taps a few calls.</summary>
internal static class FootprintMeasurement
{
    private const int PerSecond = 100,
        Milliseconds = 20_000,
        SettleMs = 1_000;
    private const double MaxCpu = 0.01,
        MaxBytes = 40 * 1024 * 1024;

    public static IEnumerable<BenchRow> Run(Traffic traffic)
    {
        foreach (string events in (string[])["none", "text", "calls"])
        {
            using TapProcess agent = TapProcess.Agent(events);
            traffic.CallAtRate(SettleMs, PerSecond);

            double before = ProcessUsage.CpuNs(agent.Id);
            long start = Stopwatch.GetTimestamp();
            traffic.CallAtRate(Milliseconds, PerSecond);
            double cpu = (ProcessUsage.CpuNs(agent.Id) - before) / Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            (long withoutRing, long all) = ProcessUsage.Resident(agent.Id);
            yield return new BenchRow
            {
                Name = $"cpu at 100 calls/s, --events {events}",
                Value = cpu * 100,
                Unit = "% of a core",
                Bar = "under 1 %",
                BarMet = cpu < MaxCpu,
            };
            yield return new BenchRow
            {
                Name = $"memory without ring, --events {events}",
                Value = withoutRing / 1048576.0,
                Unit = "MiB",
                Bar = "under 40 MiB",
                BarMet = withoutRing < MaxBytes,
                Note = $"resident {all / 1048576} MiB with what it touched of the ring, which is mapped twice",
            };
        }
    }
}
