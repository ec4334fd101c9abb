using System.Globalization;
using Ocx.GateBench.Programs;
using Ocx.GateBench.Reporting;

namespace Ocx.GateBench.Measuring;

/// <summary>What the programs hold in memory after the other measurements.</summary>
internal static class MemoryMeasurement
{
    private const double Most = 40;

    public static void Run(Bench bench, GateReport report)
    {
        MemoryRow[] gates = [Row(bench.Idle.Name, bench.Idle.Between!), Row(bench.Judged.Name, bench.Judged.Between!)];
        report.Memory.AddRange(gates);
        report.Memory.Add(Row("auditor", bench.Auditor.Program));
        double most = gates.Max(gate => gate.AtMost);
        report.Bars.Add(
            new Bar(
                "resident memory of a gate",
                "<= 40 MiB",
                $"{most.ToString("0.0", CultureInfo.InvariantCulture)} MiB",
                most <= Most
            )
        );
    }

    private static MemoryRow Row(string name, Started program) =>
        new(name, program.Mebibytes("VmRSS"), program.Mebibytes("VmHWM"));
}
