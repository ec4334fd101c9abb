using System.CommandLine;
using System.Text;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Audit.Reverts;
using Ocx.Audit.Tokens;
using Ocx.Cli.Calls;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;
using Ocx.Text;

namespace Ocx.Cli.Auditing;

/// <summary><c>ocx audit show</c>: all that is recorded of one call.</summary>
internal static class ShowCommand
{
    private const int LongestArguments = 2000,
        LongestToken = 256;

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
            Print(
                terminal,
                record,
                await TokenAsync(socket, record, cancellation).ConfigureAwait(false),
                await RevertedAsync(socket, record, cancellation).ConfigureAwait(false)
            );
        }

        return ExitCodes.Ok;
    }

    // The record has its Id alone. What came back is no token of this call when its Id is another one.
    private static async Task<string> TokenAsync(
        AuditorSocket socket,
        LedgerRecord record,
        CancellationToken cancellation
    )
    {
        if (record.Entry.RevertTokenId is not { } id)
        {
            return string.Empty;
        }

        using Stream? answer = await socket
            .GetAsync($"v1/records/{Uri.EscapeDataString(record.Entry.Intent.Key)}/token", cancellation)
            .ConfigureAwait(false);
        byte[] text = new byte[LongestToken];
        int length = answer is null
            ? 0
            : await answer.ReadAtLeastAsync(text, text.Length, false, cancellation).ConfigureAwait(false);
        string token = Encoding.ASCII.GetString(text, 0, length);
        string until = VerdictPrinter.Time(record.Entry.Time + RevertToken.Lifetime);
        return RevertToken.TryReadId(token, out string read) && read == id
            ? $"{token} until {until}"
            : $"{id} (its Id; the auditor does not tell the token)";
    }

    private static string Revert(RevertPlan? plan) =>
        plan is null ? "irreversible: its audit declares no call that takes it back"
        : plan.Irreversible is { } why ? $"irreversible: {why}"
        : $"{plan.Tool} {WireText.Escape(Encoding.UTF8.GetString(plan.Arguments.Span), LongestArguments)}";

    // Who took the call back; empty when nobody has.
    private static async Task<string> RevertedAsync(
        AuditorSocket socket,
        LedgerRecord record,
        CancellationToken cancellation
    )
    {
        if (record.Entry.RevertTokenId is not { } id)
        {
            return string.Empty;
        }

        foreach (string key in (string[])[RevertRecords.EndKey(id), RevertRecords.BeginKey(id)])
        {
            using Stream? answer = await socket
                .GetAsync($"v1/records/{Uri.EscapeDataString(key)}", cancellation)
                .ConfigureAwait(false);
            if (
                answer is not null
                && Read(answer) is { } line
                && LedgerRecord.Read(line)?.Entry is { Reverts: { } act } entry
            )
            {
                string how = entry.Result?.Status ?? "how it went is not known";
                return $"by {act.By} at {VerdictPrinter.Time(entry.Intent.Time)}: {how}";
            }
        }

        return string.Empty;
    }

    private static byte[]? Read(Stream answer) =>
        new LedgerLineReader(answer).TryRead(out ReadOnlySpan<byte> line) ? line.ToArray() : null;

    private static void Print(Terminal terminal, LedgerRecord record, string token, string reverted)
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

        if (entry.Rehearsal is { } rehearsal)
        {
            Line("Rehearsed", $"{rehearsal.Outcome} in {CallPrinter.Milliseconds(rehearsal.Took)}: {rehearsal}");
        }

        string passed = entry.Verdict.Passed ? ", and released," : string.Empty;
        Line("Held", VerdictPrinter.Held(entry));
        string verdict = VerdictPrinter.Verdict(entry);
        Line("Verdict", $"{verdict}{passed} in {CallPrinter.Milliseconds(entry.Result?.Took ?? entry.Verdict.Took)}");
        Line("Reason", entry.Verdict.Reason);
        Line("Result", entry.Result?.Status ?? string.Empty);
        Line("Why", entry.Reverts?.Reason ?? string.Empty);
        Line("Token", token);
        Line("Revert", entry.RevertTokenId is null ? string.Empty : Revert(entry.Plan));
        Line("Reverted", reverted);

        void Line(string name, string text)
        {
            if (text.Length > 0)
            {
                terminal.Output.WriteLine($"{name + ":", -11}{text}");
            }
        }
    }
}
