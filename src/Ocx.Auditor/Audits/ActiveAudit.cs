using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;

namespace Ocx.Auditor.Audits;

/// <summary>An audit that is ready: which calls are its own, of what class they are, and who judges them.</summary>
/// <param name="Reference">Its namespace, name and generation.</param>
/// <param name="Mode">Its mode, as records have it.</param>
/// <param name="Scope">Which calls are its own.</param>
/// <param name="Classifier">Their class.</param>
/// <param name="Jury">Who judges.</param>
public sealed record ActiveAudit(
    AuditReference Reference,
    string Mode,
    AuditScope Scope,
    Classifier Classifier,
    JuryPanel Jury
) : IDisposable
{
    /// <summary>The jurors that hold connections, to be closed with the audit.</summary>
    public IReadOnlyList<IDisposable> Connections { get; init; } = [];

    /// <summary>Has one of its calls judged.</summary>
    /// <param name="intent">What the call wants; its class is the audit's to say.</param>
    /// <param name="now">Asked for the time when there is a verdict.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>What is to stand in the ledger.</returns>
    public async Task<LedgerEntry> JudgeAsync(
        Intent intent,
        Func<DateTimeOffset> now,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(intent);
        ArgumentNullException.ThrowIfNull(now);
        intent = intent with { Class = Classifier.Of(intent.Tool, intent.Hints) };
        Verdict verdict = await Jury.JudgeAsync(intent, cancellation).ConfigureAwait(false);
        return new LedgerEntry
        {
            Time = now(),
            Audit = Reference,
            Mode = Mode,
            Intent = intent,
            Verdict = verdict,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable connection in Connections)
        {
            connection.Dispose();
        }
    }
}
