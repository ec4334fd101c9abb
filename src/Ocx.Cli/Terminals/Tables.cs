using Ocx.Text;
using Spectre.Console;

namespace Ocx.Cli.Terminals;

/// <summary>Tables as kubectl's: no lines, columns as wide as they must be.</summary>
internal static class Tables
{
    // Longer than any name that Kubernetes takes, and than a metric with its labels.
    private const int LongestCell = 512;

    /// <summary>An empty table.</summary>
    public static Table Create(params string[] columns)
    {
        Table table = new Table().NoBorder();
        foreach (string column in columns)
        {
            table.AddColumn(
                new TableColumn(new Spectre.Console.Text(column)) { NoWrap = true, Padding = new Padding(0, 0, 3, 0) }
            );
        }

        return table;
    }

    /// <summary>A cell with a text that need not be trusted; never markup.</summary>
    public static Spectre.Console.Text Cell(string? text, Color? colour = null) =>
        new(string.IsNullOrEmpty(text) ? "-" : WireText.Escape(text, LongestCell), new Style(colour));

    /// <summary>A count that should be 0: red where it is not.</summary>
    public static Spectre.Console.Text Loss(long count) =>
        Cell(count.ToString(System.Globalization.CultureInfo.InvariantCulture), count > 0 ? Color.Red : null);

    /// <summary>A count.</summary>
    public static Spectre.Console.Text Count(long count) =>
        Cell(count.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
