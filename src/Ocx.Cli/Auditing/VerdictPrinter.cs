using System.Globalization;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;
using Ocx.Text;

namespace Ocx.Cli.Auditing;

/// <summary>Prints verdicts, one a line: a table, or the records as they stand in the ledger.</summary>
internal sealed class VerdictPrinter(Terminal terminal, OutputFormat format)
{
    private static readonly Column<LedgerEntry>[] s_table =
    [
        new(
            "TIME",
            12,
            entry => entry.Intent.Time.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)
        ),
        new("AUDIT", 18, entry => Name(entry.Audit)),
        new("CLIENT", 22, entry => Name(entry.Intent.Client)),
        new("TOOL", 18, entry => entry.Intent.Tool.Length > 0 ? entry.Intent.Tool : entry.Intent.Method),
        new("CLASS", 12, entry => entry.Intent.Class.ToString()),
        new("VERDICT", 8, entry => entry.Verdict.Outcome.ToString(), entry => Colour(entry.Verdict.Outcome)),
        new("REASON", 0, entry => entry.Verdict.Reason),
    ];

    private static readonly Column<LedgerEntry>[] s_wide =
    [
        new("TIME", 30, entry => Time(entry.Intent.Time)),
        new("CALL", 32, entry => entry.Intent.Key),
        .. s_table[1..3],
        new("SERVER", 22, entry => Name(entry.Intent.Server)),
        .. s_table[3..],
    ];

    private readonly ColumnPrinter<LedgerEntry> _lines = new(terminal, format == OutputFormat.Wide ? s_wide : s_table);

    /// <summary>The time, to the millisecond and in UTC.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The audit as kubectl would name it.</summary>
    public static string Name(AuditReference audit) =>
        audit.Namespace.Length > 0 ? $"{audit.Namespace}/{audit.Name}" : audit.Name;

    /// <summary>The best that is known of an end.</summary>
    public static string Name(Party party) =>
        party.Pod.Length > 0 ? $"{party.Namespace}/{party.Pod}"
        : party.Name.Length > 0 ? $"{party.Name} {party.Address}"
        : party.Address;

    /// <summary>Prints a record.</summary>
    /// <param name="line">Its line in the ledger, of any provenance.</param>
    public void Print(ReadOnlySpan<byte> line)
    {
        if (format == OutputFormat.Json)
        {
            terminal.Output.WriteLine(WireText.Escape(line));
        }
        else if (LedgerRecord.Read(line) is { } record)
        {
            _lines.Print(record.Entry);
        }
    }

    /// <summary>Prints the columns' names, if they do not stand there yet.</summary>
    public void PrintHeader()
    {
        if (format != OutputFormat.Json)
        {
            _lines.PrintHeader();
        }
    }

    private static Paint Colour(Outcome outcome) =>
        outcome switch
        {
            Outcome.Released => Paint.Green,
            Outcome.Held => Paint.Yellow,
            _ => Paint.Red,
        };
}
