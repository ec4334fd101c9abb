using System.CommandLine;
using Ocx.Cli.Terminals;

namespace Ocx.Cli.Auditing;

/// <summary><c>ocx audit</c>: what was decided on calls, and whether the ledger is as it was written.</summary>
internal static class AuditCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Terminal terminal) =>
        new("audit", "Show what audits decided on calls, and check the ledger of it")
        {
            ListCommand.Create(terminal),
            ShowCommand.Create(terminal),
            TestCommand.Create(terminal),
            VerifyCommand.Create(terminal),
        };
}
