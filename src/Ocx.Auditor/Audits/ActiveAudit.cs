using Ocx.Audit.Classes;
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

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable connection in Connections)
        {
            connection.Dispose();
        }
    }
}
