using System.Globalization;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Calls;

/// <summary>
/// Counts the lines that cannot be read. The first is told of at once, the sum at the end. Safe from any thread.
/// </summary>
internal sealed class SkippedLines(Terminal terminal)
{
    private long _count;

    /// <summary>A line was left out.</summary>
    public void Add()
    {
        if (Interlocked.Increment(ref _count) == 1)
        {
            terminal.Say("a line cannot be read and is left out; others like it are counted");
        }
    }

    /// <summary>There are no more lines: tells of the sum, if there was more than the first.</summary>
    public void Finish()
    {
        if (Interlocked.Read(ref _count) is var count and > 1)
        {
            terminal.Say(
                string.Create(CultureInfo.InvariantCulture, $"{count} lines could not be read and were left out")
            );
        }
    }
}
