using System.CommandLine;
using Ocx.Audit.Approvals;
using Ocx.Cli.Exits;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Auditing;

/// <summary><c>ocx audit approve</c> and <c>refuse</c>: a person's word on a call that waits.</summary>
internal static class DecideCommand
{
    /// <summary>Describes the command that releases.</summary>
    public static Command Approve(Terminal terminal) =>
        Create(
            terminal,
            ApprovalDecision.Approve,
            """
            Let a call that waits have its way, once: the next one of the same caller, server, tool and arguments.

            Example:
              ocx audit approvals
              ocx audit approve 3f9c2a7b51d0 --reason 'asked Ann'
            """
        );

    /// <summary>Describes the command that refuses.</summary>
    public static Command Refuse(Terminal terminal) =>
        Create(
            terminal,
            ApprovalDecision.Refuse,
            "Refuse a call that waits, and each one of the same caller, server, tool and arguments until it expires"
        );

    private static Command Create(Terminal terminal, ApprovalDecision decision, string description)
    {
        var id = new Argument<string>("ID") { Description = "The approval, as 'ocx audit approvals' has it" };
        var reason = ReasonedOrder.Option();
        var auditor = AuditorSocket.Option();
        var command = new Command(decision == ApprovalDecision.Approve ? "approve" : "refuse", description)
        {
            id,
            reason,
            auditor,
        };
        command.SetAction(
            (parse, cancellation) =>
                RunAsync(
                    terminal,
                    parse.GetRequiredValue(id),
                    decision,
                    parse.GetValue(reason),
                    parse.GetValue(auditor),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        string id,
        ApprovalDecision decision,
        string? reason,
        string? auditor,
        CancellationToken cancellation
    )
    {
        byte[] order = ReasonedOrder.Body(reason, json => json.WriteString("decision", decision.ToString()));
        using AuditorSocket socket = AuditorSocket.Of(auditor);
        byte[] answer =
            await socket
                .PostAsync($"v1/approvals/{Uri.EscapeDataString(id)}", order, cancellation)
                .ConfigureAwait(false)
            ?? throw CliException.Failed($"there is no approval {id}, or it has expired; see 'ocx audit approvals'");
        Approval approval = ApprovalJson.Read(answer);
        switch (approval.State(DateTimeOffset.UtcNow))
        {
            case ApprovalState.Used:
                throw CliException.Failed($"approval {approval.Id} was used already, by call {approval.UsedBy}");
            case ApprovalState.Expired:
                throw CliException.Failed($"approval {approval.Id} has expired");
            default:
                string until = VerdictPrinter.Time(approval.ExpiresAt);
                string means =
                    decision == ApprovalDecision.Approve ? "the next such call is released" : "such calls are refused";
                terminal.Output.WriteLine(
                    $"{approval.Id} {(decision == ApprovalDecision.Approve ? "approved" : "refused")} by "
                        + $"{approval.DecidedBy}: {means} until {until}"
                );
                return ExitCodes.Ok;
        }
    }
}
