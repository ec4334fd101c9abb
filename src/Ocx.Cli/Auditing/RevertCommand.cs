using System.CommandLine;
using Ocx.Audit.Reverts;
using Ocx.Cli.Exits;
using Ocx.Cli.Options;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Auditing;

/// <summary><c>ocx audit revert</c>: takes a call back, by the call that its audit declares for that.</summary>
internal static class RevertCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var token = new Argument<string>("TOKEN") { Description = "The revert token, as 'ocx audit show CALL' has it" };
        var yes = CliOption.Switch("--yes", "Make the call that takes it back", "-y");
        var reason = ReasonedOrder.Option();
        var auditor = AuditorSocket.Option();
        var command = new Command(
            "revert",
            """
            Show what takes a call back: the call that its audit declares for that. With --yes the auditor makes it,
            once.

            Example:
              ocx audit revert ocxr1.…
              ocx audit revert ocxr1.… --yes --reason 'Ann asked for another one'
            """
        )
        {
            token,
            yes,
            reason,
            auditor,
        };
        command.SetAction(
            (parse, cancellation) =>
                RunAsync(
                    terminal,
                    parse.GetRequiredValue(token),
                    parse.GetValue(yes),
                    parse.GetValue(reason),
                    parse.GetValue(auditor),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        string token,
        bool carryOut,
        string? reason,
        string? auditor,
        CancellationToken cancellation
    )
    {
        byte[] order = ReasonedOrder.Body(
            reason,
            json =>
            {
                json.WriteString("token", token);
                json.WriteBoolean("carryOut", carryOut);
            }
        );
        using AuditorSocket socket = AuditorSocket.Of(auditor);
        byte[] answer =
            await socket.PostAsync("v1/revert", order, cancellation).ConfigureAwait(false)
            ?? throw CliException.Failed("this auditor takes nothing back: is it of an older version?");
        RevertAnswer revert = RevertAnswer.Read(answer);
        Print(terminal, revert);
        await terminal.Output.FlushAsync(cancellation).ConfigureAwait(false);
        return carryOut ? Ended(revert) : Planned(terminal, revert);
    }

    private static int Planned(Terminal terminal, RevertAnswer revert)
    {
        if (revert.Irreversible.Length > 0)
        {
            throw CliException.Failed($"call {revert.Call} cannot be taken back: {revert.Irreversible}");
        }

        terminal.Say(revert.UsedBy.Length > 0 ? "the token is used up" : "nothing was called; --yes does it");
        return ExitCodes.Ok;
    }

    private static int Ended(RevertAnswer revert) =>
        revert.Status == RevertRecords.Ok
            ? ExitCodes.Ok
            : throw CliException.Failed(
                $"the call that takes {revert.Call} back failed ({revert.Status}), and the token is used up: "
                    + "see at the server what it did"
            );

    private static void Print(Terminal terminal, RevertAnswer revert)
    {
        Line("Call", revert.Call);
        Line("Revert", revert.Irreversible.Length > 0 ? "irreversible" : $"{revert.Tool} {revert.Arguments}");
        Line("Server", revert.Url);
        Line("Expires", VerdictPrinter.Time(revert.Expires));
        Line("Used", Used(revert));
        Line("Answer", revert.Text);

        void Line(string name, string text)
        {
            if (text.Length > 0)
            {
                terminal.Output.WriteLine($"{name + ":", -11}{text}");
            }
        }
    }

    private static string Used(RevertAnswer revert)
    {
        if (revert.UsedBy.Length == 0)
        {
            return "no";
        }

        string when = revert.UsedAt is { } at ? $" at {VerdictPrinter.Time(at)}" : string.Empty;
        return $"by {revert.UsedBy}{when}: {(revert.Status.Length > 0 ? revert.Status : "how it went is not known")}";
    }
}
