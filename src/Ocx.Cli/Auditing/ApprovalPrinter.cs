using System.Globalization;
using Ocx.Audit.Approvals;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Auditing;

/// <summary>Prints approvals, one a line.</summary>
internal sealed class ApprovalPrinter(Terminal terminal, OutputFormat format)
{
    private static readonly Column<Approval>[] s_table =
    [
        new("ID", 12, approval => approval.Id),
        new("STATE", 8, approval => State(approval).ToString(), approval => Colour(State(approval))),
        new("LEFT", 6, Left),
        new("AUDIT", 18, approval => VerdictPrinter.Name(approval.Audit)),
        new("CALLER", 22, approval => approval.Caller),
        new("TOOL", 18, approval => approval.Tool.Length > 0 ? approval.Tool : approval.Method),
        new("ARGUMENTS", 0, approval => approval.Arguments),
    ];

    private static readonly Column<Approval>[] s_wide =
    [
        .. s_table[..4],
        new("CALL", 32, approval => approval.Call),
        s_table[4],
        new("SERVER", 22, approval => approval.Server),
        new("CLASS", 12, approval => approval.Class.ToString()),
        s_table[5],
        new("DECIDED BY", 16, approval => approval.DecidedBy),
        new("WHY", 40, approval => approval.Why),
        new("REHEARSAL", 40, approval => approval.Rehearsal),
        s_table[6],
    ];

    private readonly ColumnPrinter<Approval> _lines = new(terminal, format == OutputFormat.Wide ? s_wide : s_table);

    /// <summary>Prints one.</summary>
    public void Print(Approval approval)
    {
        if (format == OutputFormat.Json)
        {
            JsonLines.Write(terminal, json => ApprovalJson.Write(json, approval));
        }
        else
        {
            _lines.Print(approval);
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

    private static ApprovalState State(Approval approval) => approval.State(DateTimeOffset.UtcNow);

    private static string Left(Approval approval) =>
        State(approval) is ApprovalState.Used or ApprovalState.Expired
            ? string.Empty
            : (approval.ExpiresAt - DateTimeOffset.UtcNow) switch
            {
                { TotalMinutes: >= 2 } left => left.TotalMinutes.ToString("0", CultureInfo.InvariantCulture) + "m",
                var left => left.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) + "s",
            };

    private static Paint Colour(ApprovalState state) =>
        state switch
        {
            ApprovalState.Pending => Paint.Yellow,
            ApprovalState.Approved or ApprovalState.Used => Paint.Green,
            ApprovalState.Refused => Paint.Red,
            _ => Paint.None,
        };
}
