using System.Globalization;
using Ocx.Audit.Jury;

namespace Ocx.Ledger;

/// <summary>What is counted. The numbers stand in stores.</summary>
internal enum TotalKind
{
    /// <summary>Verdicts; the detail is the outcome.</summary>
    Outcome = 0,

    /// <summary>Refused calls; the detail is the tool, empty for the rest of them.</summary>
    RefusedTool = 1,

    /// <summary>Verdicts by their duration; the detail is the class's number.</summary>
    Latency = 2,

    /// <summary>Holds by their duration; the detail is the class's number.</summary>
    Hold = 3,

    /// <summary>What could not be held or decided, and passed; the detail is the reason.</summary>
    PassedFailure = 4,

    /// <summary>What could not be held or decided, and was refused; the detail is the reason.</summary>
    RefusedFailure = 5,
}

/// <summary>One of the counts of an audit.</summary>
internal readonly record struct TotalKey(string Namespace, string Audit, TotalKind Kind, string Detail)
{
    /// <summary>Puts together what a store has counted.</summary>
    public static IReadOnlyList<AuditTotals> Gather(IEnumerable<(TotalKey Key, long Count)> counts) =>
        [
            .. counts
                .GroupBy(each => (each.Key.Namespace, each.Key.Audit))
                .OrderBy(audit => audit.Key.Namespace, StringComparer.Ordinal)
                .ThenBy(audit => audit.Key.Audit, StringComparer.Ordinal)
                .Select(audit => Gather(audit.Key.Namespace, audit.Key.Audit, [.. audit])),
        ];

    private static AuditTotals Gather(string space, string name, IReadOnlyList<(TotalKey Key, long Count)> counts)
    {
        ILookup<TotalKind, (TotalKey Key, long Count)> kinds = counts.ToLookup(each => each.Key.Kind);
        long[] latency = Times(TotalKind.Latency),
            holds = Times(TotalKind.Hold);
        ILookup<string, long> tools = kinds[TotalKind.RefusedTool]
            .ToLookup(each => each.Key.Detail, each => each.Count);
        return new AuditTotals
        {
            Namespace = space,
            Name = name,
            Released = Of(Outcome.Released),
            Refused = Of(Outcome.Refused),
            Held = Of(Outcome.Held),
            Expired = Of(Outcome.Expired),
            RefusedTools =
            [
                .. tools
                    .Where(tool => tool.Key.Length > 0)
                    .Select(tool => new ToolRefusals(tool.Key, tool.Sum()))
                    .OrderByDescending(tool => tool.Refused)
                    .ThenBy(tool => tool.Tool, StringComparer.Ordinal),
            ],
            RefusedOfOtherTools = tools[string.Empty].Sum(),
            P50 = LatencyBuckets.Quantile(latency, 0.5),
            P99 = LatencyBuckets.Quantile(latency, 0.99),
            Holds = holds.Sum(),
            HoldP50 = LatencyBuckets.Quantile(holds, 0.5),
            HoldP99 = LatencyBuckets.Quantile(holds, 0.99),
            Failures =
            [
                .. kinds[TotalKind.PassedFailure]
                    .Concat(kinds[TotalKind.RefusedFailure])
                    .GroupBy(each => each.Key.Detail, StringComparer.Ordinal)
                    .OrderBy(reason => reason.Key, StringComparer.Ordinal)
                    .Select(reason => new HoldFailure(
                        reason.Key,
                        reason.Where(each => each.Key.Kind == TotalKind.PassedFailure).Sum(each => each.Count),
                        reason.Where(each => each.Key.Kind == TotalKind.RefusedFailure).Sum(each => each.Count)
                    )),
            ],
        };

        long[] Times(TotalKind kind)
        {
            long[] times = new long[LatencyBuckets.Count];
            foreach ((TotalKey key, long count) in kinds[kind])
            {
                if (int.TryParse(key.Detail, CultureInfo.InvariantCulture, out int bucket) && bucket < times.Length)
                {
                    times[bucket] += count;
                }
            }

            return times;
        }

        long Of(Outcome outcome) =>
            kinds[TotalKind.Outcome].Where(each => each.Key.Detail == outcome.ToString()).Sum(each => each.Count);
    }
}
