using System.Globalization;
using Ocx.Audit.Jury;
using Ocx.Audit.Ledger;
using Ocx.Text;

namespace Ocx.Ledger;

/// <summary>
/// Counts records on their way into a store. Callers choose the names of tools: of each audit so many are told apart,
/// the rest is one.
/// </summary>
internal sealed class TotalsCounter
{
    /// <summary>Tools of an audit that are told apart.</summary>
    public const int MostTools = 200;

    private const int LongestTool = 128;

    private readonly Dictionary<(string, string), HashSet<string>> _tools = [];

    /// <summary>Goes on with what a store has.</summary>
    public void Continue(IEnumerable<TotalKey> refusedTools)
    {
        _tools.Clear();
        foreach (TotalKey key in refusedTools)
        {
            Tools(key.Namespace, key.Audit).Add(key.Detail);
        }
    }

    /// <summary>Has the tools of an audit counted anew.</summary>
    public void Forget(AuditReference audit) => _tools.Remove((Name(audit.Namespace), Name(audit.Name)));

    /// <summary>What these records add. A revert is no verdict of its audit.</summary>
    public Dictionary<TotalKey, long> Count(IEnumerable<LedgerEntry> entries)
    {
        var counts = new Dictionary<TotalKey, long>();
        foreach (LedgerEntry entry in entries.Where(entry => entry.Reverts is null))
        {
            (string space, string audit) = (Name(entry.Audit.Namespace), Name(entry.Audit.Name));
            Add(TotalKind.Outcome, entry.Verdict.Outcome.ToString());
            int bucket = LatencyBuckets.Of(entry.Time - entry.Intent.Time);
            Add(TotalKind.Latency, bucket.ToString(CultureInfo.InvariantCulture));
            if (entry.Verdict.Outcome == Outcome.Refused && entry.Intent.Tool.Length > 0)
            {
                string tool = WireText.Escape(entry.Intent.Tool, LongestTool);
                HashSet<string> known = Tools(space, audit);
                bool isTold = known.Contains(tool) || (known.Count < MostTools && known.Add(tool));
                Add(TotalKind.RefusedTool, isTold ? tool : string.Empty);
            }

            void Add(TotalKind kind, string detail)
            {
                var key = new TotalKey(space, audit, kind, detail);
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }

        return counts;
    }

    /// <summary>A name of an audit as records have it.</summary>
    public static string Name(string name) => WireText.Escape(name, LedgerLimits.Name);

    private HashSet<string> Tools(string space, string audit)
    {
        if (!_tools.TryGetValue((space, audit), out HashSet<string>? known))
        {
            _tools[(space, audit)] = known = new(StringComparer.Ordinal);
        }

        return known;
    }
}
