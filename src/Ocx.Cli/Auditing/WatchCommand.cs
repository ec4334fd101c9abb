using System.CommandLine;
using Ocx.Audit.Approvals;
using Ocx.Audit.Ledger;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;
using Ocx.Text;

namespace Ocx.Cli.Auditing;

/// <summary>
/// <c>ocx audit watch</c>: verdicts as they come, calls that are held, and approvals as they are asked for.
/// </summary>
internal static class WatchCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var auditor = AuditorSocket.Option();
        var output = CliOption.Output();
        var command = new Command(
            "watch",
            "Show verdicts as they come, calls that are held, and approvals as they are asked for, until Ctrl-C"
        )
        {
            auditor,
            output,
        };
        command.SetAction(
            (parse, cancellation) => RunAsync(terminal, parse.GetValue(auditor), parse.GetValue(output), cancellation)
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        string? auditor,
        OutputFormat format,
        CancellationToken cancellation
    )
    {
        var printer = new VerdictPrinter(terminal, format);
        using AuditorSocket socket = AuditorSocket.Of(auditor);
        Stream lines =
            await socket.GetAsync("v1/watch", cancellation).ConfigureAwait(false)
            ?? throw CliException.Failed("this auditor tells of nothing as it comes: is it of an older version?");
        printer.PrintHeader();
        await terminal.Output.FlushAsync(cancellation).ConfigureAwait(false);

        // A read of the stream ends when it is closed, and not before.
        await using System.Runtime.CompilerServices.ConfiguredAsyncDisposable closing = lines.ConfigureAwait(false);
        using CancellationTokenRegistration stop = cancellation.Register(lines.Dispose);
        string why = await Task.Run(() => Read(lines), CancellationToken.None).ConfigureAwait(false);
        return cancellation.IsCancellationRequested
            ? ExitCodes.Ok
            : throw CliException.Failed($"the auditor is gone: {why}; what it decides from now on is not shown here");

        string Read(Stream from)
        {
            try
            {
                var reader = new LedgerLineReader(from);
                while (reader.TryRead(out ReadOnlySpan<byte> line))
                {
                    Print(line);
                    terminal.Output.Flush();
                }

                return "it ended the connection";
            }
            catch (Exception broken)
                when (broken is HttpIOException or HttpRequestException or ObjectDisposedException
                    || cancellation.IsCancellationRequested
                )
            {
                return broken.Message;
            }
        }

        void Print(ReadOnlySpan<byte> line)
        {
            WireObject read = WireObject.Parse(line);
            switch (read.Text("kind"))
            {
                case "missed":
                    long missed = read.Number("lines") ?? 0;
                    terminal.Say($"{missed} lines missed: they came faster than they were read; see 'ocx audit list'");
                    break;
                case ApprovalJson.Kind when format != OutputFormat.Json:
                    Tell(terminal, ApprovalJson.Read(line));
                    break;
                case HoldNotice.Kind when format != OutputFormat.Json:
                    string held = HoldPrinter.Text(HoldNotice.Read(line));
                    terminal.Output.WriteLine(terminal.Painted(held, Paint.Yellow));
                    break;
                default:
                    printer.Print(line);
                    break;
            }
        }
    }

    // Among the verdicts, whose columns it does not have.
    private static void Tell(Terminal terminal, Approval approval)
    {
        string what = approval.State(approval.DecidedAt ?? approval.AskedAt) switch
        {
            ApprovalState.Pending => $"waits for a person: {approval.Caller} calls {approval.Tool}",
            ApprovalState.Approved => $"approved by {approval.DecidedBy}",
            ApprovalState.Refused => $"refused by {approval.DecidedBy}",
            var state => state.ToString().ToLowerInvariant(),
        };
        terminal.Output.WriteLine(terminal.Painted($"approval {approval.Id} {what}", Paint.Yellow));
    }
}
