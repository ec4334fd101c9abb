using Ocx.Audit.Ledger;

namespace Ocx.Auditor.Intake;

/// <summary>
/// Which audits judged the calls whose verdicts a gate was told, until it says what became of them; the oldest are
/// forgotten. For any thread.
/// </summary>
internal sealed class ToldVerdicts
{
    /// <summary>How many are known at once.</summary>
    public const int Most = 16_384;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, AuditReference> _byKey = new(StringComparer.Ordinal);
    private readonly Queue<string> _byAge = new();

    /// <summary>One is told; null where no audit judged.</summary>
    public void Add(string key, AuditReference? audit)
    {
        if (audit is not { } judged)
        {
            return;
        }

        lock (_lock)
        {
            if (_byKey.TryAdd(key, judged))
            {
                _byAge.Enqueue(key);
            }

            while (_byAge.Count > Most)
            {
                _byKey.Remove(_byAge.Dequeue());
            }
        }
    }

    /// <summary>The audit of one; null when it is not known, or was asked for before.</summary>
    public AuditReference? Take(string key)
    {
        lock (_lock)
        {
            return _byKey.Remove(key, out AuditReference audit) ? audit : null;
        }
    }
}
