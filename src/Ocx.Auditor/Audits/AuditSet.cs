using Ocx.Audit.Intents;

namespace Ocx.Auditor.Audits;

/// <summary>
/// The audits that judge, in the order in which a call is offered to them. It is read without a lock, and changed by
/// one thread at a time.
/// </summary>
/// <param name="audits">Those that it begins with; the set disposes them.</param>
public sealed class AuditSet(IReadOnlyList<ActiveAudit> audits) : IDisposable
{
    private volatile IReadOnlyList<ActiveAudit> _current = audits;

    /// <summary>Others judge from now on.</summary>
    public event Action? Changed;

    /// <summary>Those of now. One that is replaced meanwhile takes no call any more.</summary>
    public IReadOnlyList<ActiveAudit> Current => _current;

    /// <summary>Takes others in their place; those that are not among them end with their last call.</summary>
    public void Replace(IReadOnlyList<ActiveAudit> audits)
    {
        IReadOnlyList<ActiveAudit> before = _current;
        _current = audits;
        foreach (ActiveAudit gone in before.Where(audit => !audits.Any(kept => ReferenceEquals(kept, audit))))
        {
            gone.Dispose();
        }

        Changed?.Invoke();
    }

    /// <summary>Begins a call with the audit whose own it is: the first that includes it.</summary>
    /// <param name="intent">What the call wants.</param>
    /// <param name="servers">The pods at the server's address; of no meaning without a cluster.</param>
    /// <returns>Null when it is no audit's; else <see cref="ActiveAudit.End"/> has to follow.</returns>
    public ActiveAudit? Begin(Intent intent, IReadOnlyList<ServerPod> servers)
    {
        // An audit that was replaced since it was found takes no call any more: then its successor is found.
        while (true)
        {
            ActiveAudit? audit = Current.FirstOrDefault(audit =>
                (audit.Scope.Pods is not { } scope || servers.Any(scope.Selects)) && audit.Scope.Includes(intent)
            );
            if (audit?.TryBegin() != false)
            {
                return audit;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Replace([]);
}
