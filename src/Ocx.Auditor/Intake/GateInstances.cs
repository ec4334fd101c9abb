using Ocx.Audit.Ledger;
using Ocx.Audit.Wire;
using Ocx.Auditor.Deciding;
using Ocx.Ledger;

namespace Ocx.Auditor.Intake;

/// <summary>
/// The gates' lives that were heard of, each with what it has counted: its counts are of its whole life, which has
/// several streams. The one unheard of the longest is forgotten. For any thread.
/// </summary>
internal sealed class GateInstances(HoldTally tally)
{
    /// <summary>How many are known at once.</summary>
    public const int Most = 4096;

    private readonly RecentInstances<GateInstance> _known = new(
        Most,
        (name, node) => new GateInstance(name, node, tally)
    );

    /// <summary>One, as its stream opens.</summary>
    /// <param name="name">What its keys begin with.</param>
    /// <param name="node">The node that it is told from: of the same name another node has another instance.</param>
    public GateInstance Open(string name, string node) => _known.Open(name, node);
}

/// <summary>One life of a gate.</summary>
/// <param name="name">What its keys begin with.</param>
/// <param name="node">Its node; empty without a cluster.</param>
/// <param name="tally">Counts what it tells.</param>
internal sealed class GateInstance(string name, string node, HoldTally tally)
{
    // Of more audits nothing is counted: rules have come and gone that often.
    private const int MostCounted = 16_384;

    private readonly Lock _lock = new();
    private readonly Dictionary<(AuditReference Audit, GateFailure Failure), HoldFailure> _failures = [];

    /// <summary>What its keys begin with.</summary>
    public string Name => name;

    /// <summary>Its node.</summary>
    public string Node => node;

    /// <summary>Counts what was not counted yet. What comes again, or late, changes nothing.</summary>
    /// <param name="audit">The audit, of which the generation does not matter.</param>
    /// <param name="counts">What the gate says of it.</param>
    public void Note(AuditReference audit, GateAuditCounts counts)
    {
        audit = audit with { Generation = 0 };
        lock (_lock)
        {
            foreach (GateFailureCount count in counts.Failures)
            {
                HoldFailure before = _failures.GetValueOrDefault((audit, count.Failure));
                var now = new HoldFailure(
                    count.Failure.ToString(),
                    Math.Max(before.Passed, Bounded(count.Opened)),
                    Math.Max(before.Refused, Bounded(count.Closed))
                );
                var more = new HoldFailure(now.Name, now.Passed - before.Passed, now.Refused - before.Refused);
                if (
                    more is not { Passed: 0, Refused: 0 }
                    && (_failures.ContainsKey((audit, count.Failure)) || _failures.Count < MostCounted)
                )
                {
                    _failures[(audit, count.Failure)] = now;
                    tally.Failed(audit, more);
                }
            }
        }
    }

    // No gate counts so much in its life, and sums of such numbers stay numbers.
    private static long Bounded(ulong count) => (long)Math.Min(count, 1UL << 40);
}
