using System.Globalization;

namespace Ocx.TapBench.Reporting;

/// <summary>The rows for a person, in Markdown, so that they can be quoted as they are.</summary>
internal static class Table
{
    private static readonly string[] s_head =
    [
        "",
        "bytes",
        "ns/packet",
        "M events/s",
        "GB/s",
        "dropped",
        "value",
        "ratio",
        "to",
        "bar",
    ];

    public static void Print(IReadOnlyList<BenchRow> rows)
    {
        List<string[]> lines = [s_head, .. rows.Select(Cells)];
        int[] widths = [.. s_head.Select((_, column) => lines.Max(line => line[column].Length))];
        lines.Insert(
            1,
            [
                .. widths.Select(
                    (width, column) =>
                        new string('-', Math.Max(width - (IsText(column) ? 0 : 1), 1)) + (IsText(column) ? "" : ":")
                ),
            ]
        );
        foreach (string[] line in lines)
        {
            Console.WriteLine(
                "| "
                    + string.Join(
                        " | ",
                        line.Select(
                            (cell, column) =>
                                IsText(column) ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])
                        )
                    )
                    + " |"
            );
        }
    }

    private static string[] Cells(BenchRow row) =>
        [
            row.Name,
            Number(row.PayloadBytes, "0"),
            Number(row.NsPerPacket, "0"),
            Number(row.EventsPerSecond / 1e6, "0.00"),
            Number(row.GigabytesPerSecond, "0.00"),
            Number(row.DroppedShare * 100, "0.0") + (row.DroppedShare is null ? "" : " %"),
            Number(row.Value, "0.##") + (row.Value is null ? "" : $" {row.Unit}"),
            Number(row.RatioToPeer, "0.000"),
            row.Peer ?? "",
            row.Bar is null ? "" : $"{row.Bar}: {(row.BarMet == true ? "met" : "NOT MET")}",
        ];

    private static bool IsText(int column) => column is 0 or 8 or 9;

    private static string Number(double? value, string format) =>
        value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
