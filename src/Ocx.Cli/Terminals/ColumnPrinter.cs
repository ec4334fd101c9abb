using System.Text;
using Ocx.Text;

namespace Ocx.Cli.Terminals;

/// <summary>A column of lines that are printed as they come.</summary>
/// <param name="Title">Its name.</param>
/// <param name="Width">How wide it is at least: columns do not wait for the widest value.</param>
/// <param name="Value">What stands in it; a text that need not be trusted.</param>
/// <param name="Colour">Its colour; none where it is null.</param>
internal sealed record Column<T>(string Title, int Width, Func<T, string> Value, Func<T, Paint>? Colour = null);

/// <summary>Prints things as they come, one a line, beneath the columns' names.</summary>
internal sealed class ColumnPrinter<T>(Terminal terminal, IReadOnlyList<Column<T>> columns)
{
    // A cell shows at most so much of a text; -o json has all of it.
    private const int LongestCell = 256;

    private bool _begun;

    /// <summary>Prints one.</summary>
    public void Print(T item)
    {
        PrintHeader();
        PrintLine(
            column => WireText.Escape(column.Value(item), LongestCell) is { Length: > 0 } text ? text : "-",
            column => column.Colour?.Invoke(item) ?? Paint.None
        );
    }

    /// <summary>
    /// Prints the columns' names, if they do not stand there yet: a table without lines has them too.
    /// </summary>
    public void PrintHeader()
    {
        if (!_begun)
        {
            _begun = true;
            PrintLine(column => column.Title, _ => Paint.None);
        }
    }

    private void PrintLine(Func<Column<T>, string> text, Func<Column<T>, Paint> colour)
    {
        var line = new StringBuilder();
        foreach (Column<T> column in columns)
        {
            bool isLast = column == columns[^1];
            string cell = isLast ? text(column) : text(column).PadRight(column.Width);
            line.Append(terminal.Painted(cell, colour(column))).Append(isLast ? string.Empty : "  ");
        }

        terminal.Output.WriteLine(line);
    }
}
