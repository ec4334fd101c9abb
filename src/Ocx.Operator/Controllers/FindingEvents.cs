using System.Security.Cryptography;
using System.Text;
using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;

namespace Ocx.Operator.Controllers;

/// <summary>
/// Makes Warning Events on an McpTap of what its agents found. An event's name is made from what it tells, so that the
/// API server itself refuses to record it twice: not for each node that saw the same, and not after the operator was
/// restarted or another leads.
/// </summary>
internal sealed class FindingEvents(EventRecorder recorder, EventBudget budget)
{
    // As long as API servers keep events by default: what goes on for longer is told again.
    private static readonly TimeSpan s_kept = TimeSpan.FromHours(1);

    // The rest is recorded when the tap is looked at next, a second later at the earliest.
    private const int Batch = 10;

    // Events of all taps in an hour, and so what is remembered. The budget keeps one node or tap from using it up.
    private const int MaxKept = 1000;

    private readonly Dictionary<string, DateTime> _recorded = [];

    public async Task RecordAsync(V1Alpha1McpTap tap, TapObservation seen, CancellationToken cancellationToken)
    {
        foreach (
            var old in _recorded.Where(entry => seen.Now - entry.Value >= s_kept).Select(entry => entry.Key).ToList()
        )
        {
            _recorded.Remove(old);
        }

        // Of the ten newest of each node, what is older than an event is kept was told, or is no news any more.
        var recent = seen
            .Reports.SelectMany(report =>
                (report.Status?.Findings ?? []).Select(finding => (report.Spec.Node, Finding: finding))
            )
            .Where(pair => seen.Now - pair.Finding.LastSeen < s_kept);
        var told = 0;
        foreach (var (node, finding) in recent)
        {
            if (told == Batch || _recorded.Count >= MaxKept)
            {
                return;
            }

            // Another node that saw the same may have what the first has used up.
            var suffix = SuffixOf(finding);
            if (_recorded.ContainsKey(Key(tap, suffix)) || !budget.MayTellOf(tap, node))
            {
                continue;
            }

            await recorder.RecordAsync(
                tap,
                "Warning",
                ReasonOf(finding.Kind),
                $"{finding.Server}: {finding.Message}",
                cancellationToken,
                suffix
            );
            _recorded[Key(tap, suffix)] = seen.Now;
            told++;
        }
    }

    /// <summary><c>tools_changed</c> is <c>ToolsChanged</c>.</summary>
    internal static string ReasonOf(string kind) =>
        string.Concat(
            kind.Split('_', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => char.ToUpperInvariant(word[0]) + word[1..])
        );

    private static string Key(V1Alpha1McpTap tap, string suffix) => tap.Uid() + suffix;

    private static string SuffixOf(Finding finding) =>
        Convert.ToHexStringLower(
            SHA256
                .HashData(Encoding.UTF8.GetBytes($"{finding.Kind}\n{finding.Server}\n{finding.Message}"))
                .AsSpan(0, 10)
        );
}
