using System.CommandLine;
using Ocx.Audit.Approvals;
using Ocx.Audit.Ledger;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Auditing;

/// <summary><c>ocx audit approvals</c>: the calls that wait for a person.</summary>
internal static class ApprovalsCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var auditor = AuditorSocket.Option();
        var all = CliOption.Switch("--all", "Show those that are decided, used or expired too", "-a");
        var output = CliOption.Output();
        var command = new Command("approvals", "Show the calls that wait for a person, the oldest first")
        {
            auditor,
            all,
            output,
        };
        command.SetAction(
            (parse, cancellation) =>
                RunAsync(terminal, parse.GetValue(auditor), parse.GetValue(all), parse.GetValue(output), cancellation)
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        string? auditor,
        bool all,
        OutputFormat format,
        CancellationToken cancellation
    )
    {
        var printer = new ApprovalPrinter(terminal, format);
        using AuditorSocket socket = AuditorSocket.Of(auditor);
        using Stream lines = await socket.GetAsync("v1/approvals", cancellation).ConfigureAwait(false) ?? Stream.Null;
        printer.PrintHeader();
        var reader = new LedgerLineReader(lines);
        while (reader.TryRead(out ReadOnlySpan<byte> line))
        {
            Approval approval = ApprovalJson.Read(line);
            if (all || approval.State(DateTimeOffset.UtcNow) == ApprovalState.Pending)
            {
                printer.Print(approval);
            }
        }

        return ExitCodes.Ok;
    }
}
