using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.JsonRpc;

/// <summary>What a message is (JSON-RPC 2.0, 4 and 5).</summary>
public enum JsonRpcKind
{
    /// <summary>No JSON-RPC 2.0 message.</summary>
    None,

    /// <summary>A method and an id.</summary>
    Request,

    /// <summary>A method without an id.</summary>
    Notification,

    /// <summary>A result.</summary>
    Result,

    /// <summary>An error.</summary>
    Error,
}

/// <summary>
/// One JSON-RPC message, as far as MCP calls need it. Ranges are of the text that was parsed; an empty one means
/// absent. The default is a message of which nothing is known.
/// </summary>
public struct JsonRpcMessage
{
    /// <summary>What it is.</summary>
    public JsonRpcKind Kind;

    /// <summary>The id.</summary>
    public JsonRpcId Id;

    /// <summary>The method, or empty.</summary>
    public string Method
    {
        readonly get => field ?? string.Empty;
        set;
    }

    /// <summary>
    /// Tool, prompt or resource, as the method says it: <c>params.name</c>, <c>params.uri</c> or <c>params.ref</c>'s;
    /// or empty.
    /// </summary>
    public readonly string Name => Subject.Of(Method);

    /// <summary>What may be the name.</summary>
    internal McpSubject Subject;

    /// <summary>
    /// <c>params.arguments</c>, or <c>params</c> where a method has none; JSON text. Only its beginning where the text
    /// ends in it.
    /// </summary>
    public Range Arguments;

    /// <summary><see cref="Arguments"/> is the value of <c>params.arguments</c>, and not <c>params</c>.</summary>
    public bool NamesArguments;

    /// <summary>
    /// <c>method</c>, <c>params</c>, or what says in it what is called stands twice: which of them counts is each
    /// reader's own choice. Here the last one does.
    /// </summary>
    public bool IsAmbiguous;

    /// <summary><c>result</c> or <c>error</c>, JSON text.</summary>
    public Range Outcome;

    /// <summary><c>result.isError</c>: the tool failed, the protocol did not.</summary>
    public bool IsToolError;

    /// <summary><c>error.code</c>.</summary>
    public int ErrorCode;

    /// <summary>The protocol version named in params, result or <c>_meta</c>; or empty.</summary>
    public string ProtocolVersion
    {
        readonly get => field ?? string.Empty;
        set;
    }

    /// <summary>Name and version of <c>clientInfo</c>, from params or <c>_meta</c>; or empty.</summary>
    public (string Name, string Version) Client
    {
        readonly get => (field.Name ?? string.Empty, field.Version ?? string.Empty);
        set;
    }

    /// <summary>Name and version of <c>serverInfo</c>, from the result or its <c>_meta</c>; or empty.</summary>
    public (string Name, string Version) Server
    {
        readonly get => (field.Name ?? string.Empty, field.Version ?? string.Empty);
        set;
    }

    /// <summary><c>params.requestId</c> of a cancellation.</summary>
    public JsonRpcId CancelledId;

    /// <summary>
    /// <c>_meta.progressToken</c> of a request, or <c>params.progressToken</c> of a progress notification.
    /// </summary>
    public JsonRpcId ProgressToken;

    /// <summary><c>_meta.traceparent</c> of a request, or none.</summary>
    public TraceParent TraceParent;

    /// <summary><c>_meta.tracestate</c> of a request, or empty.</summary>
    public string TraceState
    {
        readonly get => field ?? string.Empty;
        set;
    }

    /// <summary>What the result is.</summary>
    public McpResultType ResultType;

    /// <summary>The task that params or result are about.</summary>
    public McpTask Task;

    /// <summary><c>params.task</c>: the request asks to be a task (2025-11-25).</summary>
    public bool AsksForTask;

    /// <summary>
    /// <c>requestState</c> of a result that asks for more, or of the request that answers it: 128 bits of its SHA-256;
    /// 0 without one.
    /// </summary>
    public UInt128 RequestState;

    /// <summary>There is a <c>requestState</c>, or the beginning of one.</summary>
    public bool HasState;

    /// <summary><c>result.ttlMs</c>; null when there is none.</summary>
    public long? TtlMs;

    /// <summary><c>result.cacheScope</c>.</summary>
    public McpCacheScope CacheScope;

    /// <summary>
    /// The names of the extensions that the capabilities in params, <c>_meta</c> or result list, with commas between;
    /// or empty.
    /// </summary>
    public string Extensions
    {
        readonly get => field ?? string.Empty;
        set;
    }

    /// <summary>Deprecated features that params or result show; those that a method shows are not among them.</summary>
    public McpDeprecated Deprecated;

    /// <summary>True when the text ended before the message did.</summary>
    public bool Truncated;

    /// <summary>Its bytes, from the first on; what blanks follow are not among them.</summary>
    public long Length;
}
