using System.CommandLine;
using System.Text;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Cli.Calls;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;
using Ocx.Text;

namespace Ocx.Cli.Auditing;

/// <summary><c>ocx audit show</c>: all that is recorded of one call.</summary>
internal static class ShowCommand
{
    private const int LongestArguments = 2000;

    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var key = new Argument<string>("CALL") { Description = "The call's key, as 'ocx audit list -o wide' has it" };
        var auditor = AuditorSocket.Option();
        var output = CliOption.Output();
        var command = new Command("show", "Show what a call wanted, each vote with its reason, and the verdict")
        {
            key,
            auditor,
            output,
        };
        command.SetAction(
            (parse, cancellation) =>
                RunAsync(
                    terminal,
                    parse.GetRequiredValue(key),
                    parse.GetValue(auditor),
                    parse.GetValue(output),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        string key,
        string? auditor,
        OutputFormat format,
        CancellationToken cancellation
    )
    {
        using AuditorSocket socket = AuditorSocket.Of(auditor);
        using Stream? answer = await socket
            .GetAsync($"v1/records/{Uri.EscapeDataString(key)}", cancellation)
            .ConfigureAwait(false);
        if (answer is null || Read(answer) is not { } line)
        {
            throw CliException.Failed($"the ledger has no call {key}");
        }

        if (format == OutputFormat.Json)
        {
            terminal.Output.WriteLine(WireText.Escape(line));
        }
        else if (LedgerRecord.Read(line) is { } record)
        {
            Print(terminal, record);
        }

        return ExitCodes.Ok;
    }

    private static byte[]? Read(Stream answer) =>
        new LedgerLineReader(answer).TryRead(out ReadOnlySpan<byte> line) ? line.ToArray() : null;

    private static void Print(Terminal terminal, LedgerRecord record)
    {
        LedgerEntry entry = record.Entry;
        Intent intent = entry.Intent;
        Line("Call", intent.Key);
        Line("Record", $"{record.Position.Sequence} of {record.Chain}");
        Line("Time", VerdictPrinter.Time(intent.Time));
        Line("Audit", $"{VerdictPrinter.Name(entry.Audit)}, generation {entry.Audit.Generation}, {entry.Mode}");
        Line("Method", intent.Method);
        Line("Tool", intent.Tool);
        Line("Class", intent.Class.ToString());
        Line("Client", VerdictPrinter.Name(intent.Client));
        Line("Server", VerdictPrinter.Name(intent.Server));
        Line("Session", intent.Session);
        string arguments = WireText.Escape(Encoding.UTF8.GetString(intent.Arguments.Span), LongestArguments);
        Line("Arguments", arguments + (intent.ArgumentsComplete ? string.Empty : " (not complete)"));
        Line("Digest", intent.ArgumentsDigest);
        foreach (JurorVote vote in entry.Verdict.Votes)
        {
            string failure = vote.Failure is { } why ? $" (failed: {why})" : string.Empty;
            string reason = vote.Vote.Reason.Length > 0 ? $": {vote.Vote.Reason}" : string.Empty;
            string took = CallPrinter.Milliseconds(vote.Took);
            Line("Vote", $"{vote.Juror} {vote.Vote.Ballot} in {took}{failure}{reason}");
        }

        Line("Verdict", $"{entry.Verdict.Outcome} in {CallPrinter.Milliseconds(entry.Verdict.Took)}");
        Line("Reason", entry.Verdict.Reason);
        Line("Token", entry.RevertTokenId ?? string.Empty);

        void Line(string name, string text)
        {
            if (text.Length > 0)
            {
                terminal.Output.WriteLine($"{name + ":", -11}{text}");
            }
        }
    }
}
