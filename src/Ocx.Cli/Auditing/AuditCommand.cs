using System.CommandLine;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Auditing;

/// <summary><c>ocx audit</c>: what was decided on calls, what a person decides or takes back, and the ledger.</summary>
internal static class AuditCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal) =>
        new(
            "audit",
            "Show what audits decided on calls, decide on those that wait, take calls back, and check the ledger"
        )
        {
            ApprovalsCommand.Create(terminal),
            DecideCommand.Approve(terminal),
            DecideCommand.Refuse(terminal),
            ListCommand.Create(terminal),
            RevertCommand.Create(terminal),
            ShowCommand.Create(terminal),
            TestCommand.Create(terminal),
            VerifyCommand.Create(terminal),
            WatchCommand.Create(terminal),
        };
}
