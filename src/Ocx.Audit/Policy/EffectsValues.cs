using System.Runtime.InteropServices;
using Ocx.Audit.Expressions;
using Ocx.Audit.Rehearsals;

namespace Ocx.Audit.Policy;

/// <summary>The evidence of a rehearsal as values of CEL. Each is made once, when the first rule asks for it.</summary>
internal sealed class EffectsValues
{
    // What was done beyond the listed may be anything: it decides nothing, and what hangs on it is an error.
    private static readonly CelValue s_more = CelValue.Error("more was done than is listed");
    private static readonly CelValue s_noResult = CelValue.Error("the rehearsal gave no result, or one too long");
    private static readonly CelValue s_noState = NotObserved("state");
    private static readonly CelValue s_noFiles = NotObserved("files");
    private static readonly CelValue s_noProcesses = NotObserved("processes");
    private static readonly CelValue s_noNetwork = NotObserved("network");

    private readonly RehearsalEvidence? _evidence;
    private CelValue? _result;
    private CelValue? _state;
    private CelValue? _files;

    /// <summary>The values of some evidence.</summary>
    /// <param name="evidence">The evidence; null of a call that its audit has not rehearsed.</param>
    public EffectsValues(RehearsalEvidence? evidence)
    {
        _evidence = evidence;
        Failure =
            evidence is null ? CelValue.NotRehearsed
            : evidence.IsWhole ? null
            : CelValue.Error($"the call was not rehearsed to its end: {evidence.Failure ?? RehearsalFailure.Error}");
    }

    /// <summary>Why nothing is known; null when the rehearsal came to its end.</summary>
    public CelValue? Failure { get; }

    public CelValue Outcome => Failure ?? CelValue.Of(_evidence!.Outcome.ToString());

    public CelValue Result => Failure ?? (_result ??= ReadResult());

    public CelValue State => Failure ?? (_state ??= ReadState(_evidence!.Effects.State));

    public CelValue Files => Failure ?? (_files ??= ReadFiles(_evidence!.Effects.Files));

    public CelValue Processes =>
        Failure ?? (_evidence!.Effects.Processes is { } some ? Texts(some.Started, some.IsCut) : s_noProcesses);

    public CelValue Network =>
        Failure
        ?? (
            _evidence!.Effects.Network is { } network
                ? List(network.Tried.Select(Connection), network.IsCut)
                : s_noNetwork
        );

    private CelValue ReadResult() =>
        _evidence!.Result is { } result ? CallArguments.ReadAny(JsonMarshal.GetRawUtf8Value(result)) : s_noResult;

    private static CelValue ReadState(IReadOnlyList<StateEffects>? sources)
    {
        if (sources is null)
        {
            return s_noState;
        }

        var totals = StateTotals.Of(sources);
        return CelValue.Of(
            new Dictionary<string, CelValue>
            {
                ["rowsInserted"] = CelValue.Of(totals.RowsInserted),
                ["rowsUpdated"] = CelValue.Of(totals.RowsUpdated),
                ["rowsDeleted"] = CelValue.Of(totals.RowsDeleted),
                ["keysWritten"] = CelValue.Of(totals.KeysWritten),
                ["keysDeleted"] = CelValue.Of(totals.KeysDeleted),
                ["schemaChanged"] = CelValue.Of(totals.SchemaChanged),
                ["lag"] = CelValue.Of(totals.Lag),
                ["changes"] = List(
                    sources.SelectMany(source => source.Changes.Select(change => Change(source, change))),
                    sources.Any(source => source.IsCut)
                ),
            }
        );
    }

    private static CelValue Change(StateEffects source, StateChange change)
    {
        var map = new Dictionary<string, CelValue>
        {
            ["source"] = CelValue.Of(source.Source),
            ["kind"] = CelValue.Of(source.Kind == StateKind.Redis ? "Redis" : "PostgreSQL"),
            ["target"] = CelValue.Of(change.Target),
            ["operation"] = CelValue.Of(change.Operation),
        };
        Add(map, "old", change.Old);
        Add(map, "new", change.New);
        return CelValue.Of(map);
    }

    private static void Add(Dictionary<string, CelValue> to, string name, IReadOnlyList<StateField>? fields)
    {
        if (fields is null)
        {
            return;
        }

        var map = new Dictionary<string, CelValue>(fields.Count);
        foreach (var field in fields)
        {
            map[field.Name] = field.Value is { } value ? CelValue.Of(value) : CelValue.Null;
        }

        to[name] = CelValue.Of(map);
    }

    private static CelValue ReadFiles(FileEffects? files) =>
        files is null
            ? s_noFiles
            : CelValue.Of(
                new Dictionary<string, CelValue>
                {
                    ["created"] = Texts(files.Created, files.IsCut),
                    ["changed"] = Texts(files.Changed, files.IsCut),
                    ["deleted"] = Texts(files.Deleted, files.IsCut),
                }
            );

    private static CelValue Connection(ConnectionTry one) =>
        CelValue.Of(
            new Dictionary<string, CelValue>
            {
                ["address"] = CelValue.Of(one.Address),
                ["port"] = CelValue.Of((long)one.Port),
                ["refused"] = CelValue.Of(one.IsRefused),
            }
        );

    private static CelValue Texts(IReadOnlyList<string> texts, bool isCut) => List(texts.Select(CelValue.Of), isCut);

    private static CelValue List(IEnumerable<CelValue> elements, bool isCut) =>
        CelValue.Of(isCut ? [.. elements, s_more] : elements.ToArray());

    private static CelValue NotObserved(string what) =>
        CelValue.Error($"{what} was not observed; has(effects.{what}) asks for that");
}
