using System.Globalization;
using Ocx.Text;

namespace Ocx.Audit.Rehearsals;

/// <summary>What a ledger keeps of a rehearsal: numbers, and the names of a few tables and keys. No value.</summary>
public sealed record RehearsalSummary
{
    /// <summary>Tables and keys that are named.</summary>
    public const int MostTargets = 8;

    /// <summary>How it ended.</summary>
    public required RehearsalOutcome Outcome { get; init; }

    /// <summary>Why it did not come to an end; null where it did.</summary>
    public string? Failure { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>What happened to state; null when it was not observed.</summary>
    public StateTotals? State { get; init; }

    /// <summary>The first tables and keys that were changed, each once: redacted, plain and bounded.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Files that were created, changed or deleted; null when it was not observed.</summary>
    public long? Files { get; init; }

    /// <summary>Programs that were started; null when it was not observed.</summary>
    public long? Programs { get; init; }

    /// <summary>Connections that were tried; null when it was not observed.</summary>
    public long? Connections { get; init; }

    /// <summary>Those of them that the sandbox refused; null when it was not observed.</summary>
    public long? ConnectionsRefused { get; init; }

    /// <summary>The summary of evidence that is redacted.</summary>
    public static RehearsalSummary Of(RehearsalEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        CallEffects effects = evidence.Effects;
        return new RehearsalSummary
        {
            Outcome = evidence.Outcome,
            Failure = evidence.Failure,
            Took = evidence.Took,
            State = effects.State is { } state ? StateTotals.Of(state) : null,
            Targets =
            [
                .. (effects.State ?? [])
                    .SelectMany(source => source.Changes)
                    .Select(change => WireText.Escape(change.Target, EffectsLimits.Name))
                    .Distinct(StringComparer.Ordinal)
                    .Take(MostTargets),
            ],
            Files = effects.Files is { } files ? files.Created.Count + files.Changed.Count + files.Deleted.Count : null,
            Programs = effects.Processes?.Started.Count,
            Connections = effects.Network?.Tried.Count,
            ConnectionsRefused = effects.Network?.Tried.Count(one => one.IsRefused),
        };
    }

    /// <summary>
    /// What the call would do to state, <c>would delete 5000 rows, write 1 key</c>, by numbers alone: it may stand in
    /// what the caller is told. Null when it is not known.
    /// </summary>
    public string? WouldDo()
    {
        if (State is not { } state || Failure is not null)
        {
            return null;
        }

        string[] parts =
        [
            .. Part("delete", state.RowsDeleted, "row"),
            .. Part("update", state.RowsUpdated, "row"),
            .. Part("insert", state.RowsInserted, "row"),
            .. Part("delete", state.KeysDeleted, "key"),
            .. Part("write", state.KeysWritten, "key"),
            .. state.SchemaChanged ? ["change the schema"] : Array.Empty<string>(),
        ];
        return parts.Length > 0 ? $"would {string.Join(", ", parts)}" : "would change no state";
    }

    /// <summary>All of it in one line, for a person.</summary>
    public override string ToString()
    {
        if (Failure is { } failure)
        {
            return $"not rehearsed to its end: {failure}";
        }

        string[] parts =
        [
            WouldDo() ?? "state not observed",
            .. Targets.Count > 0 ? [$"of {string.Join(", ", Targets)}"] : Array.Empty<string>(),
            Files is { } files ? Count(files, "file") : "files not observed",
            Programs is { } programs ? Count(programs, "program") : "programs not observed",
            Connections is { } tried
                ? $"{Count(tried, "connection")}, {Text(ConnectionsRefused ?? 0)} refused"
                : "connections not observed",
            .. Outcome == RehearsalOutcome.Answered ? Array.Empty<string>() : ["the tool failed"],
        ];
        return string.Join("; ", parts);
    }

    private static string[] Part(string verb, long count, string what) =>
        count > 0 ? [$"{verb} {Count(count, what)}"] : [];

    private static string Count(long count, string what) => $"{Text(count)} {what}{(count == 1 ? "" : "s")}";

    private static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);
}
