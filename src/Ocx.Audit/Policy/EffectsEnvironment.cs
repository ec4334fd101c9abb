using Ocx.Audit.Expressions;
using Ocx.Audit.Rehearsals;

namespace Ocx.Audit.Policy;

/// <summary>
/// What rules can name of a rehearsal: <c>effects</c>. Of a rehearsal that failed each name is an error, also for
/// <c>has()</c>; what was not observed is absent, and reading it is an error. So no rule passes silently over what
/// nobody saw.
/// </summary>
internal static class EffectsEnvironment
{
    private const string State = "effects.state",
        Files = "effects.files";

    /// <summary>The fields.</summary>
    public static IReadOnlyList<CelField> Fields { get; } =
    [
        new(
            "effects.outcome",
            CelType.String,
            "How the rehearsal ended: 'Answered', 'ToolFailed' or 'Refused'.",
            facts => Of(facts).Outcome,
            facts => !Of(facts).Outcome.IsError,
            [nameof(RehearsalOutcome.Answered), nameof(RehearsalOutcome.ToolFailed), nameof(RehearsalOutcome.Refused)]
        )
        {
            Unsaid = Unsaid,
        },
        Field("effects.result", CelType.Dyn, "The rehearsed result, masked.", effects => effects.Result),
        Field(State, CelType.Map, "What the call did to state, all sources together.", effects => effects.State),
        InState("rowsInserted", CelType.Int, "Rows that were inserted."),
        InState("rowsUpdated", CelType.Int, "Rows that were updated."),
        InState("rowsDeleted", CelType.Int, "Rows that were deleted, those of truncated tables included."),
        InState("keysWritten", CelType.Int, "Keys that were written."),
        InState("keysDeleted", CelType.Int, "Keys that were deleted."),
        InState("schemaChanged", CelType.Bool, "Whether tables or other definitions were changed."),
        InState("lag", CelType.Duration, "How far the clone furthest behind its source was behind it."),
        InState("changes", CelType.List, "The changes: source, kind, target, operation, old, new.") with
        {
            Elements = ["source", "kind", "target", "operation", "old", "new"],
        },
        Field(Files, CelType.Map, "The files that are otherwise than before.", effects => effects.Files),
        InFiles("created", "Paths of files that are new."),
        InFiles("changed", "Paths of files whose content is another."),
        InFiles("deleted", "Paths of files that are gone."),
        Field("effects.processes", CelType.List, "Paths of programs that were started.", effects => effects.Processes),
        Field(
            "effects.network",
            CelType.List,
            "Connections that were tried: address, port, refused.",
            effects => effects.Network
        ) with
        {
            Elements = ["address", "port", "refused"],
        },
    ];

    private static CelField InState(string name, CelType type, string meaning) =>
        Field($"{State}.{name}", type, meaning, effects => Member(effects.State, name));

    private static CelField InFiles(string name, string meaning) =>
        Field($"{Files}.{name}", CelType.List, meaning, effects => Member(effects.Files, name));

    private static CelField Field(string name, CelType type, string meaning, Func<EffectsValues, CelValue> read) =>
        new(name, type, meaning, facts => read(Of(facts)), facts => !read(Of(facts)).IsError) { Unsaid = Unsaid };

    // The value of a map that was observed has each field.
    private static CelValue Member(in CelValue map, string name) => map.IsError ? map : map.Map[name];

    private static EffectsValues Of(object facts) => ((CallFacts)facts).Effects;

    private static CelValue? Unsaid(object facts) => Of(facts).Failure;
}
