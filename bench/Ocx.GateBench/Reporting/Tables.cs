using System.Globalization;

namespace Ocx.GateBench.Reporting;

/// <summary>A report for a person, in Markdown, so that it can be quoted as it is.</summary>
internal static class Tables
{
    public static void Print(GateReport report)
    {
        Console.WriteLine($"{report.Machine}; load {report.LoadBefore} before, {report.LoadAfter} after");
        Print(
            ["latency of a call", "tool", "us p50", "us p99", "us added"],
            report.Latency.Select(row =>
                new[] { row.Route, row.Tool, Number(row.P50), Number(row.P99), Number(row.Added) }
            )
        );
        Print(
            ["16 connections", "tool", "calls/s", "to no rule", "gate ms", "auditor ms", "machine ms"],
            report.Rate.Select(row =>
                new[]
                {
                    row.Route,
                    row.Tool,
                    Number(row.CallsPerSecond, "#,0"),
                    Number(row.Ratio, "0.00"),
                    Number(row.GateCpu),
                    Number(row.AuditorCpu),
                    Number(row.MachineCpu),
                }
            )
        );
        Print(
            ["results of 1 MiB", "tool", "Gbit/s", "to no rule"],
            report.Bulk.Select(row =>
                new[] { row.Route, row.Tool, Number(row.GigabitsPerSecond, "0.00"), Number(row.Ratio, "0.00") }
            )
        );
        Print(
            [
                "hold ms",
                "after ms",
                "bytes on the wire",
                "sent again",
                "held back",
                "twice",
                "Gbit/s",
                "unheld",
                "back after ms",
            ],
            report.Holds.Select(row =>
                new[]
                {
                    Number(row.HeldMs),
                    Number(row.AfterMs),
                    Number(row.WireBytes, "0"),
                    Number(row.Retransmissions, "0"),
                    Number(row.StillQueued, "0"),
                    Number(row.Duplicates, "0"),
                    Number(row.After, "0.00"),
                    Number(row.Unheld, "0.00"),
                    row.BackAfterMs is { } back ? Number(back, "0") : "not",
                }
            )
        );
        Print(
            ["resident memory", "MiB now", "MiB at most"],
            report.Memory.Select(row => new[] { row.Program, Number(row.Now), Number(row.AtMost) })
        );
        Print(
            ["bar", "wanted", "measured", ""],
            report.Bars.Select(bar => new[] { bar.Name, bar.Want, bar.Measured, bar.Met ? "met" : "NOT MET" })
        );
    }

    private static void Print(string[] head, IEnumerable<string[]> rows)
    {
        List<string[]> lines = [head, .. rows];
        if (lines.Count == 1)
        {
            return;
        }

        int[] widths = [.. head.Select((_, column) => lines.Max(line => line[column].Length))];
        lines.Insert(1, [.. widths.Select(width => new string('-', Math.Max(width, 3)))]);
        Console.WriteLine();
        foreach (string[] line in lines)
        {
            Console.WriteLine($"| {string.Join(" | ", line.Select((cell, at) => cell.PadRight(widths[at])))} |");
        }
    }

    private static string Number(double value, string format = "0.0") =>
        value.ToString(format, CultureInfo.InvariantCulture);
}
