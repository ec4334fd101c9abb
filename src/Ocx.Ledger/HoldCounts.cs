using System.Globalization;
using Ocx.Audit.Ledger;

namespace Ocx.Ledger;

/// <summary>What gates told of the calls of an audit since it was counted before.</summary>
/// <param name="Audit">The audit; its generation does not matter.</param>
public sealed record HoldCounts(AuditReference Audit)
{
    /// <summary>How long calls or results were held, of those that were.</summary>
    public IReadOnlyList<TimeSpan> Held { get; init; } = [];

    /// <summary>What could not be held or decided.</summary>
    public IReadOnlyList<HoldFailure> Failures { get; init; } = [];

    internal void AddTo(Dictionary<TotalKey, long> totals)
    {
        (string space, string audit) = (TotalsCounter.Name(Audit.Namespace), TotalsCounter.Name(Audit.Name));
        foreach (TimeSpan held in Held)
        {
            Add(TotalKind.Hold, LatencyBuckets.Of(held).ToString(CultureInfo.InvariantCulture), 1);
        }

        foreach (HoldFailure failure in Failures)
        {
            Add(TotalKind.PassedFailure, failure.Name, failure.Passed);
            Add(TotalKind.RefusedFailure, failure.Name, failure.Refused);
        }

        void Add(TotalKind kind, string detail, long count)
        {
            if (count > 0)
            {
                var key = new TotalKey(space, audit, kind, detail);
                totals[key] = totals.GetValueOrDefault(key) + count;
            }
        }
    }
}

/// <summary>How often gates could not hold or decide, for one reason.</summary>
/// <param name="Name">The reason, a word of few.</param>
/// <param name="Passed">Calls that passed all the same.</param>
/// <param name="Refused">Calls that were refused or closed.</param>
public readonly record struct HoldFailure(string Name, long Passed, long Refused);
