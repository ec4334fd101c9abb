using Ocx.Audit.Expressions;
using Ocx.Audit.Intents;

namespace Ocx.Audit.Policy;

/// <summary>A name that rules may use.</summary>
/// <param name="Name">The name, <c>call.tool</c>.</param>
/// <param name="Type">Its type in CEL.</param>
/// <param name="Meaning">What it holds, in one sentence.</param>
public sealed record CallVariable(string Name, string Type, string Meaning);

/// <summary>
/// What rules can name: <c>call</c>, <c>tool</c>, <c>client</c>, <c>server</c> and <c>session</c>, and where calls are
/// rehearsed <c>effects</c>. A text that is not known is empty, and <c>has()</c> is false of it.
/// </summary>
public static class CallEnvironment
{
    /// <summary>What the names begin with that a rehearsal is needed for.</summary>
    internal const string Effects = "effects.";

    private static readonly Dictionary<string, string> s_elsewhere = new()
    {
        ["effects"] =
            "'effects' is known to the jury's rules alone, and where spec.rehearsal has calls rehearsed: "
            + "here it can never match",
    };

    /// <summary>Without a rehearsal.</summary>
    internal static Declarations Declarations { get; } =
        new([
            Text("call.key", "Names the call, over all nodes.", intent => intent.Key),
            Text("call.method", "The JSON-RPC method: 'tools/call'.", intent => intent.Method),
            Text("call.tool", "The tool; of other methods the prompt or resource.", intent => intent.Tool),
            new(
                "call.arguments",
                CelType.Dyn,
                "The arguments, masked; an error when they were not all seen.",
                facts => ((CallFacts)facts).Arguments,
                facts => ((CallFacts)facts).Arguments is { Type: CelType.Map, Map.Count: > 0 }
            ),
            Flag(
                "call.argumentsComplete",
                "Whether all arguments were seen, in at most 256 KiB, and have one reading.",
                facts => !facts.Arguments.IsError
            ),
            Text(
                "call.argumentsDigest",
                "SHA-256 of the arguments in canonical form (RFC 8785), in hexadecimal.",
                intent => intent.ArgumentsDigest
            ),
            new(
                "call.requestBytes",
                CelType.Int,
                "Bytes of the request's message.",
                facts => CelValue.Of(Of(facts).RequestBytes),
                _ => true
            ),
            Text("call.class", "'Reversible' or 'Irreversible', as the audit has it.", ClassOf) with
            {
                Values = Enum.GetNames<CallClass>(),
            },
            Flag(
                "call.credentialInArguments",
                "Whether a credential was masked in the arguments.",
                facts => facts.Intent.CredentialInArguments
            ),
            new(
                "call.time",
                CelType.Timestamp,
                "When the request's first byte passed.",
                facts => CelValue.Of(Of(facts).Time.UtcDateTime),
                _ => true
            ),
            Text("call.protocolVersion", "MCP's revision: '2026-07-28'.", intent => intent.ProtocolVersion),
            Text("tool.name", "The same as call.tool.", intent => intent.Tool),
            Hint("tool.readOnlyHint", "The server says that the tool changes nothing.", false, hints => hints.ReadOnly),
            Hint("tool.destructiveHint", "The server says that it may destroy.", true, hints => hints.Destructive),
            Hint(
                "tool.idempotentHint",
                "It says that a second call changes no more.",
                false,
                hints => hints.Idempotent
            ),
            Hint("tool.openWorldHint", "It says that the tool reaches outside.", true, hints => hints.OpenWorld),
            .. PartyFields("client", "the client", intent => intent.Client),
            .. PartyFields("server", "the server", intent => intent.Server),
            Text("session", "The MCP session, as it is shown.", intent => intent.Session),
        ])
        {
            Elsewhere = s_elsewhere,
        };

    /// <summary>With one.</summary>
    internal static Declarations Rehearsed { get; } = new([.. Declarations.Fields, .. EffectsEnvironment.Fields]);

    /// <summary>All names, in the order in which the documentation has them.</summary>
    public static IReadOnlyList<CallVariable> Variables { get; } =
    [.. Rehearsed.Fields.Select(field => new CallVariable(field.Name, field.Type.Name(), field.Meaning))];

    private static CelField[] PartyFields(string name, string who, Func<Intent, Party> of) =>
        [
            Text($"{name}.address", $"Address and port of {who}.", intent => of(intent).Address),
            Text($"{name}.namespace", $"The namespace of {who}'s pod.", intent => of(intent).Namespace),
            Text($"{name}.pod", $"The pod of {who}.", intent => of(intent).Pod),
            Text($"{name}.workload", $"What {who}'s pod belongs to: 'deployment/name'.", intent => of(intent).Workload),
            Text($"{name}.name", $"The name that {who} gives itself; anybody can claim any.", i => of(i).Name),
            Text($"{name}.version", $"The version that {who} gives itself.", intent => of(intent).Version),
        ];

    private static Intent Of(object facts) => ((CallFacts)facts).Intent;

    private static string ClassOf(Intent intent) =>
        intent.Class == CallClass.Reversible ? nameof(CallClass.Reversible) : nameof(CallClass.Irreversible);

    private static CelField Text(string name, string meaning, Func<Intent, string> read) =>
        new(name, CelType.String, meaning, facts => CelValue.Of(read(Of(facts))), facts => read(Of(facts)).Length > 0);

    private static CelField Flag(string name, string meaning, Func<CallFacts, bool> read) =>
        new(name, CelType.Bool, meaning, facts => CelValue.Of(read((CallFacts)facts)), _ => true);

    // What MCP has a client assume where the server says nothing; has() tells whether it says something.
    private static CelField Hint(string name, string meaning, bool unsaid, Func<ToolHints, bool?> read) =>
        new(
            name,
            CelType.Bool,
            $"{meaning} {(unsaid ? "True" : "False")} where it says nothing.",
            facts => CelValue.Of(read(Of(facts).Hints) ?? unsaid),
            facts => read(Of(facts).Hints) is not null
        );
}
