namespace Ocx.Audit.Intents;

/// <summary>What a call wants: all that jurors may look at before it has run. Every text of it is redacted.</summary>
public sealed record Intent
{
    /// <summary>Names the call, over all nodes and restarts of their agents; at most 64 characters.</summary>
    public required string Key { get; init; }

    /// <summary>When the request's first byte passed.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The JSON-RPC method, <c>tools/call</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The tool; of other methods the prompt or resource; empty for those without one.</summary>
    public string Tool { get; init; } = string.Empty;

    /// <summary>
    /// The arguments: the JSON text of an object, or of a string that holds their beginning; or empty.
    /// </summary>
    public ReadOnlyMemory<byte> Arguments { get; init; }

    /// <summary>False when <see cref="Arguments"/> is not all of them, or not all of them were seen.</summary>
    public bool ArgumentsComplete { get; init; } = true;

    /// <summary>
    /// SHA-256 over the arguments as the client sent them, in the canonical form of RFC 8785; lower-case hexadecimal.
    /// Empty when not all of them were seen: then nothing can be bound to them.
    /// </summary>
    public string ArgumentsDigest { get; init; } = string.Empty;

    /// <summary>Was a credential masked in the arguments?</summary>
    public bool CredentialInArguments { get; init; }

    /// <summary>Bytes of the request's message.</summary>
    public long RequestBytes { get; init; }

    /// <summary>Who calls.</summary>
    public Party Client { get; init; } = new();

    /// <summary>Who is called.</summary>
    public Party Server { get; init; } = new();

    /// <summary>The MCP session, as it is shown; or empty.</summary>
    public string Session { get; init; } = string.Empty;

    /// <summary>The MCP revision, <c>2026-07-28</c>; empty when unknown.</summary>
    public string ProtocolVersion { get; init; } = string.Empty;

    /// <summary>
    /// The client's span: a well-formed <c>traceparent</c> of W3C Trace Context, 55 characters; null without one. It
    /// is in no record and no juror sees it.
    /// </summary>
    public string? TraceParent { get; init; }

    /// <summary>What the server says of the tool.</summary>
    public ToolHints Hints { get; init; }

    /// <summary>Whether what it does can be taken back, as the audit has it.</summary>
    public CallClass Class { get; init; }
}
