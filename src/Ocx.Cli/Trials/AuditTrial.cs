using Ocx.Api;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Auditor.Audits;
using Ocx.Cli.Exits;
using Ocx.Cli.Terminals;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;

namespace Ocx.Cli.Trials;

/// <summary>
/// Judges the calls of a capture by the audits of a file. Rules and signals judge; whoever is outside of this process
/// is not asked, and abstains.
/// </summary>
internal sealed class AuditTrial : IDisposable
{
    private readonly IReadOnlyList<ActiveAudit> _audits;

    private AuditTrial(IReadOnlyList<ActiveAudit> audits) => _audits = audits;

    /// <summary>How calls are to be followed, so that they can be judged.</summary>
    public McpOptions Options =>
        new()
        {
            CallKeys = new CallKeys(),
            AuditedMethods = [.. _audits.SelectMany(audit => audit.Scope.Methods).Distinct()],
        };

    /// <summary>Reads the audits; what is to be known of them is said.</summary>
    /// <exception cref="CliException">They cannot be used.</exception>
    public static AuditTrial Load(Terminal terminal, string file)
    {
        try
        {
            return new AuditTrial(
                AuditFile.Load(file, juror => new NotAsked(juror.Name), warning => terminal.Say($"warning: {warning}"))
            );
        }
        catch (FormatException wrong)
        {
            throw CliException.CannotStart(wrong.Message, wrong);
        }
    }

    /// <summary>What would be recorded of a call that is opened; null when it is no audit's.</summary>
    public LedgerEntry? Judge(CallRecord call)
    {
        Intent intent = RecordedIntent.Of(call);
        return _audits
            .FirstOrDefault(audit => audit.Scope.Includes(intent))
            ?.JudgeAsync(intent, AuditMode.Observe, () => intent.Time)
            .GetAwaiter()
            .GetResult();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ActiveAudit audit in _audits)
        {
            audit.Dispose();
        }
    }

    private sealed class NotAsked(string name) : IJuror
    {
        public string Name => name;

        public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation) =>
            ValueTask.FromResult(new Vote(Ballot.Abstain, "not asked in a test"));
    }
}
