using System.CommandLine;
using System.CommandLine.Parsing;
using Ocx.Audit.Ledger;

namespace Ocx.Auditor.Options;

/// <summary>What the command line says of the ledger.</summary>
internal sealed class LedgerArguments
{
    private readonly Option<string> _ledger = new("--ledger")
    {
        Description = "The ledger's file; made when it is not there (default: /var/lib/ocx/ledger.db)",
        HelpName = "FILE",
    };

    private readonly Option<string> _postgres = new("--ledger-postgres")
    {
        Description = "The ledger is in PostgreSQL, and the file holds its connection string, as Npgsql has it",
        HelpName = "FILE",
    };

    private readonly Option<string> _replica = new("--replica")
    {
        Description = "With --ledger-postgres: this auditor's name, the same after a restart (default: the machine's)",
        HelpName = "NAME",
    };

    private readonly Option<string> _key = new("--ledger-key")
    {
        Description = "The private key that signs the ledger, in PEM; one for all replicas (default: beside --ledger)",
        HelpName = "FILE",
    };

    private readonly Option<string> _previousKey = new("--ledger-previous-key")
    {
        Description = "The key that signed until now, when --ledger-key is to take its place",
        HelpName = "FILE",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        Option[] all = [_ledger, _postgres, _replica, _key, _previousKey];
        foreach (Option option in all)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(Check);
    }

    /// <summary>Reads what was typed.</summary>
    public AuditorOptions Read(ParseResult parse, AuditorOptions options) =>
        options with
        {
            Ledger = parse.GetValue(_ledger) ?? options.Ledger,
            LedgerPostgres = parse.GetValue(_postgres),
            Replica = parse.GetValue(_replica) ?? options.Replica,
            LedgerKey = parse.GetValue(_key),
            LedgerPreviousKey = parse.GetValue(_previousKey),
        };

    private void Check(CommandResult result)
    {
        if (result.GetResult(_postgres) is not null)
        {
            if (result.GetResult(_ledger) is not null)
            {
                result.AddError("give either --ledger or --ledger-postgres");
            }

            if (result.GetResult(_key) is null)
            {
                result.AddError("--ledger-postgres needs --ledger-key, one key for all replicas");
            }
        }

        if (result.GetResult(_replica) is { Tokens: [var name] } && !LedgerLimits.IsChain(name.Value))
        {
            result.AddError($"--replica {name.Value}: want up to {LedgerLimits.Chain} characters of ASCII, no spaces");
        }
    }
}
