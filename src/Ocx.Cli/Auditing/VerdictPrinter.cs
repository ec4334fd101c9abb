using System.Globalization;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Reverts;
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
        new("HELD", 6, entry => Held(entry) is { Length: > 0 } held ? held : "-"),
        new("VERDICT", 8, Verdict, Colour),
        new("REASON", 0, Reason),
    ];

    private static readonly Column<LedgerEntry>[] s_wide =
    [
        new("TIME", 30, entry => Time(entry.Intent.Time)),
        new("CALL", 32, entry => entry.Intent.Key),
        .. s_table[1..3],
        new("SERVER", 22, entry => Name(entry.Intent.Server)),
        .. s_table[3..4],
        new("MODE", 7, entry => entry.Mode),
        .. s_table[4..],
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
        : party is { Name.Length: > 0, Address.Length: > 0 } ? $"{party.Name} {party.Address}"
        : party.Name.Length > 0 ? party.Name
        : party.Address;

    /// <summary>What was held until the verdict: of what can be taken back the result; empty for nothing.</summary>
    public static string Held(LedgerEntry entry) => entry.Mode == "Enforce" ? Held(entry.Intent.Class) : string.Empty;

    /// <summary>What a gate holds of such a call.</summary>
    public static string Held(CallClass of) => of == CallClass.Reversible ? "result" : "call";

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

    /// <summary>The verdict in a word; of a revert, how it stood when its record was made.</summary>
    public static string Verdict(LedgerEntry entry) =>
        entry switch
        {
            { Reverts: null } => entry.Verdict.Outcome.ToString(),
            { Result: null } => "Reverts",
            { Result.Status: RevertRecords.Ok } => "Reverted",
            _ => "Failed",
        };

    private static string Reason(LedgerEntry entry) =>
        entry is { Reverts: not null, Result: { } result }
            ? $"{entry.Verdict.Reason}: {result.Status}"
            : entry.Verdict.Reason;

    private static Paint Colour(LedgerEntry entry) =>
        entry.Verdict.Outcome switch
        {
            _ when entry is { Reverts: not null, Result: { Status: not RevertRecords.Ok } } => Paint.Red,
            Outcome.Released => Paint.Green,
            Outcome.Held => Paint.Yellow,
            _ => Paint.Red,
        };
}
