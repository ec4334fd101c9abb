using System.Globalization;
using k8s.Models;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Rehearsing;
using Ocx.Text;

namespace Ocx.Auditor.Cluster;

/// <summary>The conditions that the auditor says of an McpAudit.</summary>
internal static class AuditConditions
{
    /// <summary>Can the spec be used?</summary>
    public const string RulesAccepted = nameof(RulesAccepted);

    /// <summary>Can all jurors be asked?</summary>
    public const string JurorsReady = nameof(JurorsReady);

    /// <summary>Are its calls held? Said in mode Enforce alone.</summary>
    public const string Enforcing = nameof(Enforcing);

    /// <summary>Are its calls rehearsed? Said with spec.rehearsal alone.</summary>
    public const string Rehearsing = nameof(Rehearsing);

    private const int MostNodes = 10;

    private const string True = "True",
        False = "False",
        Unknown = "Unknown";

    private const int LongestMessage = 4096;

    /// <summary>The conditions; one whose status did not change keeps the time of its last change.</summary>
    /// <param name="kept">The audit.</param>
    /// <param name="sight">Whether its calls are held; null in mode Observe.</param>
    /// <param name="now">The time.</param>
    public static IList<V1Condition> Of(KeptAudit kept, EnforcementSight? sight, DateTime now)
    {
        ArgumentNullException.ThrowIfNull(kept);
        List<V1Condition> conditions = [Rules(kept, now), Jurors(kept, now)];
        if (sight is not null)
        {
            conditions.Add(Gates(kept, sight, now));
        }

        if (kept.Active?.Rehearsal is { } rehearsal)
        {
            conditions.Add(Rehearsals(kept, rehearsal, now));
        }

        return conditions;
    }

    /// <summary>Several texts as one that fits a condition and a line of a log.</summary>
    public static string Text(IEnumerable<string> texts) => WireText.Escape(string.Join("; ", texts), LongestMessage);

    private static V1Condition Rules(KeptAudit kept, DateTime now)
    {
        if (kept.Problems.Count == 0)
        {
            return Condition(
                kept,
                RulesAccepted,
                True,
                "Accepted",
                kept.Warnings.Count > 0 ? Text(kept.Warnings) : "The spec is used as it is.",
                now
            );
        }

        string instead = kept.Active is { } active
            ? $"generation {active.Reference.Generation} goes on judging"
            : "no call is judged";
        return Condition(
            kept,
            RulesAccepted,
            False,
            "RulesRefused",
            Text([$"This spec is not used, and {instead}", .. kept.Problems]),
            now
        );
    }

    private static V1Condition Jurors(KeptAudit kept, DateTime now)
    {
        if (kept.Active is null)
        {
            return Condition(kept, JurorsReady, Unknown, "RulesRefused", "There is no spec that can be used.", now);
        }

        IReadOnlyList<string> missing = kept.Secrets.Problems;
        return missing.Count == 0
            ? Condition(kept, JurorsReady, True, "Ready", "What the jurors need is there.", now)
            : Condition(kept, JurorsReady, False, "SecretsNotReadable", Text(missing), now);
    }

    private static V1Condition Gates(KeptAudit kept, EnforcementSight sight, DateTime now)
    {
        if (sight.Unguarded.Count > 0)
        {
            return Condition(
                kept,
                Enforcing,
                False,
                sight.Guarded.Count > 0 ? "GatesMissing" : "NoGate",
                $"No gate is connected on {Nodes(sight.Unguarded)}: calls to the pods there are recorded, and not held",
                now
            );
        }

        return sight.Guarded.Count > 0
            ? Condition(kept, Enforcing, True, "GateConnected", $"A gate holds calls on {Nodes(sight.Guarded)}.", now)
            : Condition(kept, Enforcing, Unknown, "NoPods", "It selects no pod that runs: there is no call.", now);
    }

    private static V1Condition Rehearsals(KeptAudit kept, Rehearsal rehearsal, DateTime now)
    {
        if (rehearsal.Sight is not { } sight)
        {
            return Condition(
                kept,
                Rehearsing,
                False,
                "NotCarriedOut",
                "In a cluster no call is rehearsed: each fails, and spec.rehearsal.onFailure says what that means.",
                now
            );
        }

        string?[] problems =
        [
            sight.Problem,
            .. sight.Clones.Select(clone => clone.Problem is { } why ? $"{clone.Source}: {why}" : null),
        ];
        string[] known = [.. problems.OfType<string>()];
        return known.Length > 0
            ? Condition(kept, Rehearsing, False, "NotReady", Text(known), now)
            : Condition(kept, Rehearsing, True, "Ready", "Shadows are made as they are needed.", now);
    }

    private static string Nodes(IReadOnlyList<string> nodes)
    {
        string shown = string.Join(", ", nodes.Take(MostNodes).Select(node => WireText.Escape(node, 253)));
        string more =
            nodes.Count > MostNodes
                ? string.Create(CultureInfo.InvariantCulture, $" and {nodes.Count - MostNodes} more")
                : string.Empty;
        return $"{(nodes.Count == 1 ? "node" : "nodes")} {shown}{more}";
    }

    private static V1Condition Condition(
        KeptAudit kept,
        string type,
        string status,
        string reason,
        string message,
        DateTime now
    )
    {
        V1Condition? before = kept.Object.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);
        return new V1Condition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = kept.Object.Metadata.Generation,
            LastTransitionTime =
                before?.Status == status && before.LastTransitionTime != default ? before.LastTransitionTime : now,
        };
    }
}
