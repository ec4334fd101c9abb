using System.Runtime.InteropServices;
using System.Text.Json;

namespace Ocx.Audit.Rehearsals;

/// <summary>Holds evidence to its bounds, whoever made it.</summary>
public static class BoundedEvidence
{
    // What nobody waits for longer than a day.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>The evidence with every list and text cut at its bound. What is cut is marked so.</summary>
    public static RehearsalEvidence Of(RehearsalEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        CallEffects effects = evidence.Effects ?? CallEffects.NotObserved;
        return evidence with
        {
            Failure = evidence.Failure is { } failure
                ? RehearsalFailure.KindOf(failure)
                : RehearsalFailure.Of(evidence.Outcome),
            Result = evidence.Result is { } result && IsShort(result) ? result : null,
            Effects = new CallEffects
            {
                // A source that is left out would be one that nothing happened to.
                State =
                    effects.State is { } state && state.Count <= EffectsLimits.Sources ? [.. state.Select(Of)] : null,
                Files = effects.Files is { } files ? Of(files) : null,
                Processes = effects.Processes is { } processes ? Of(processes) : null,
                Network = effects.Network is { } network ? Of(network) : null,
            },
            Took = Between(evidence.Took),
        };
    }

    /// <summary>A text cut at a bound; a cut one ends in an ellipsis.</summary>
    public static string Cut(string text, int longest)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= longest)
        {
            return text;
        }

        int length = longest - 1;
        length -= char.IsHighSurrogate(text[length - 1]) ? 1 : 0;
        return string.Concat(text.AsSpan(0, length), "…");
    }

    private static StateEffects Of(StateEffects one) =>
        one with
        {
            Source = Cut(one.Source, EffectsLimits.Name),
            Changes = [.. one.Changes.Take(EffectsLimits.Changes).Select(Of)],
            IsCut = one.IsCut || one.Changes.Count > EffectsLimits.Changes,
            Lag = Between(one.Lag),
        };

    private static StateChange Of(StateChange change) =>
        new()
        {
            Target = Cut(change.Target, EffectsLimits.Name),
            Operation = Cut(change.Operation, EffectsLimits.Name),
            Old = Of(change.Old),
            New = Of(change.New),
        };

    private static StateField[]? Of(IReadOnlyList<StateField>? fields) =>
        fields is null
            ? null
            :
            [
                .. fields
                    .Take(EffectsLimits.Fields)
                    .Select(field => new StateField(
                        Cut(field.Name, EffectsLimits.Name),
                        field.Value is { } value ? Cut(value, EffectsLimits.Value) : null
                    )),
            ];

    private static FileEffects Of(FileEffects files) =>
        new()
        {
            Created = Paths(files.Created),
            Changed = Paths(files.Changed),
            Deleted = Paths(files.Deleted),
            IsCut = files.IsCut || IsLong(files.Created) || IsLong(files.Changed) || IsLong(files.Deleted),
        };

    private static ProcessEffects Of(ProcessEffects processes) =>
        new() { Started = Paths(processes.Started), IsCut = processes.IsCut || IsLong(processes.Started) };

    private static NetworkEffects Of(NetworkEffects network) =>
        new()
        {
            Tried =
            [
                .. network
                    .Tried.Take(EffectsLimits.Connections)
                    .Select(one => one with { Address = Cut(one.Address, EffectsLimits.Name) }),
            ],
            IsCut = network.IsCut || network.Tried.Count > EffectsLimits.Connections,
        };

    private static string[] Paths(IReadOnlyList<string> paths) =>
        [.. paths.Take(EffectsLimits.Paths).Select(path => Cut(path, EffectsLimits.Name))];

    private static bool IsLong(IReadOnlyList<string> paths) => paths.Count > EffectsLimits.Paths;

    private static TimeSpan Between(TimeSpan time) =>
        time < TimeSpan.Zero ? TimeSpan.Zero
        : time > s_longest ? s_longest
        : time;

    private static bool IsShort(JsonElement result) =>
        result.ValueKind != JsonValueKind.Undefined
        && JsonMarshal.GetRawUtf8Value(result).Length <= EffectsLimits.Result;
}
