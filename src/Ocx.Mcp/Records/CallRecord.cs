using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Redaction;
using Ocx.Mcp.Tcp;
using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.Records;

/// <summary>
/// One finished or abandoned call. Lent to the sink for the duration of its callback, then used again, unless the sink
/// keeps it.
/// </summary>
public class CallRecord
{
    private readonly int _shown;

    internal CallRecord(MemoryBudget budget, int maxPayload)
    {
        _shown = maxPayload;
        ArgumentsBuffer = new(budget, maxPayload);
        ResultBuffer = new(budget, maxPayload);
    }

    /// <summary>
    /// Names the call over all nodes and restarts, from its opening to its end (<see cref="Pairing.CallKeys"/>); empty
    /// where calls get no keys.
    /// </summary>
    public string Key { get; internal set; } = string.Empty;

    /// <summary>When the request's first byte passed, in nanoseconds since the Unix epoch.</summary>
    public long StartUnixNs { get; internal set; }

    /// <summary>
    /// From the request's first byte to the end of its answer, or to the moment it was given up; nanoseconds.
    /// </summary>
    public long DurationNs { get; internal set; }

    /// <summary>
    /// From the request's first byte to the first byte of the answer's message or HTTP response; nanoseconds, -1 when
    /// none came.
    /// </summary>
    public long TimeToFirstByteNs { get; internal set; } = -1;

    /// <summary>The JSON-RPC method.</summary>
    public string Method { get; internal set; } = string.Empty;

    /// <summary>Tool, prompt or resource; empty for methods without one.</summary>
    public string Name { get; internal set; } = string.Empty;

    /// <summary>The MCP revision, <c>2025-11-25</c>; empty when unknown.</summary>
    public string ProtocolVersion { get; internal set; } = string.Empty;

    /// <summary>The session id, or empty.</summary>
    public string Session { get; internal set; } = string.Empty;

    /// <summary>The client's name and version, as it gave them.</summary>
    public (string Name, string Version) ClientInfo { get; internal set; } = (string.Empty, string.Empty);

    /// <summary>The server's name and version, as it gave them.</summary>
    public (string Name, string Version) ServerInfo { get; internal set; } = (string.Empty, string.Empty);

    /// <summary>The MCP client's own address, as far as the tap saw it.</summary>
    public IpEndpoint Client => Ends?[ClientSide] ?? default;

    /// <summary>
    /// The client that a proxy in front of the server named (PROXY protocol); null when none did. It is what the proxy
    /// says.
    /// </summary>
    public IpEndpoint? NamedClient => Ends?.NamedClient;

    /// <summary>
    /// The MCP server's own address, as far as the tap saw it: that of a pod rather than its Service's.
    /// </summary>
    public IpEndpoint Server => Ends?[1 - ClientSide] ?? default;

    /// <summary>The address that the client sends to: a Service's, where that is what it called.</summary>
    public IpEndpoint ServerAsCalled => Ends?.PeerOf(ClientSide) ?? default;

    /// <summary>The address that the server answers to: a node's, where that stands for the client's.</summary>
    public IpEndpoint ClientAsAnswered => Ends?.PeerOf(1 - ClientSide) ?? default;

    /// <summary>
    /// Who the client is beyond its address, when that is known; filled in by whoever knows, before the record is shown
    /// on.
    /// </summary>
    public PeerIdentity? ClientIdentity { get; set; }

    /// <summary>
    /// Who the server is beyond its address, when that is known; filled in by whoever knows, before the record is shown
    /// on.
    /// </summary>
    public PeerIdentity? ServerIdentity { get; set; }

    /// <summary>
    /// The JSON-RPC id as text, redacted; empty for one of more than 15 bytes, of which only a hash is kept.
    /// </summary>
    public string RequestId => SecretShapes.Redact(Id.ToString());

    /// <summary>The client's span, from <c>_meta.traceparent</c> or else the HTTP header.</summary>
    public TraceParent TraceParent { get; internal set; }

    /// <summary>What vendors carry along with <see cref="TraceParent"/>; redacted, or empty.</summary>
    public string TraceState { get; internal set; } = string.Empty;

    /// <summary>True for a request of the server to its client (sampling, elicitation, roots, ping).</summary>
    public bool FromServer { get; internal set; }

    /// <summary>Bytes of the request's message.</summary>
    public long RequestBytes { get; internal set; }

    /// <summary>Bytes of the answer's message.</summary>
    public long ResponseBytes { get; internal set; }

    /// <summary>How it ended.</summary>
    public CallStatus Status { get; internal set; }

    /// <summary>The JSON-RPC error's code; 0 when there was none.</summary>
    public int ErrorCode { get; internal set; }

    /// <summary>The HTTP status of the response; 0 without HTTP or when none came.</summary>
    public int HttpStatus { get; internal set; }

    /// <summary>Progress notifications that belong to it.</summary>
    public int Progress { get; internal set; }

    /// <summary>
    /// The task that the call became, or is about (<c>tasks/get</c> and its like); redacted, or empty. A call that
    /// became a task is over when the task is.
    /// </summary>
    public string TaskId { get; internal set; } = string.Empty;

    /// <summary>Where the task stood when it was last heard of.</summary>
    public McpTaskStatus TaskStatus { get; internal set; }

    /// <summary>
    /// Which earlier call's demand for input the request answers: that call's <see cref="ContinuedBy"/>; 0 for none.
    /// </summary>
    public UInt128 Continues { get; internal set; }

    /// <summary>
    /// What links the call to the one that brings the input which the server asks for: 128 bits of the SHA-256 of the
    /// <c>requestState</c>, which both carry; 0 for none.
    /// </summary>
    public UInt128 ContinuedBy { get; internal set; }

    /// <summary>The extensions that the client lists in this request, with commas between; or empty.</summary>
    public string ClientExtensions { get; internal set; } = string.Empty;

    /// <summary>The extensions that the server lists in this answer, with commas between; or empty.</summary>
    public string ServerExtensions { get; internal set; } = string.Empty;

    /// <summary>How long the result, or the task, may be kept, in milliseconds; null when nothing was said.</summary>
    public long? TtlMs { get; internal set; }

    /// <summary>Who may keep the result.</summary>
    public McpCacheScope CacheScope { get; internal set; }

    /// <summary>What the server's last list of tools says of the called tool; none where that was not seen.</summary>
    public ToolAnnotations Annotations { get; internal set; }

    /// <summary>The deprecated features that the call uses.</summary>
    public McpDeprecated Deprecated { get; internal set; }

    /// <summary>What the record rests on.</summary>
    public CallCompleteness Completeness { get; internal set; }

    /// <summary>True when the 2026-07-28 request headers and the body disagree.</summary>
    public bool HeaderMismatch { get; internal set; }

    /// <summary>
    /// True when the HTTP request had a header that carries a credential: Authorization, a cookie, an API key. None is
    /// kept.
    /// </summary>
    public bool HasCredential { get; internal set; }

    /// <summary>
    /// True when a credential was masked in the arguments; what configured paths and patterns mask does not count.
    /// </summary>
    public bool CredentialInArguments { get; internal set; }

    /// <summary>The host names of the request's Origin and Host headers where they differ; else empty.</summary>
    public (string Origin, string Host) ForeignOrigin { get; internal set; } = (string.Empty, string.Empty);

    /// <summary>
    /// The tools of a whole <c>tools/list</c> result, when they were asked for
    /// (<see cref="Pairing.McpOptions.HashTools"/>).
    /// </summary>
    public ToolList? Tools { get; internal set; }

    /// <summary>The arguments, redacted JSON text; empty when there are none or the payload mode is metadata.</summary>
    public ReadOnlySpan<byte> Arguments => AuditedArguments[..Math.Min(AuditedArguments.Length, _shown)];

    /// <summary>True when <see cref="Arguments"/> is only their beginning.</summary>
    public bool ArgumentsCut => AuditedArgumentsCut || AuditedArguments.Length > _shown;

    /// <summary>
    /// The same with a bound of its own where calls of this method are audited
    /// (<see cref="Pairing.McpOptions.AuditedMethods"/>).
    /// </summary>
    public ReadOnlySpan<byte> AuditedArguments => ArgumentsBuffer.Span;

    /// <summary>True when <see cref="AuditedArguments"/> is only their beginning.</summary>
    public bool AuditedArgumentsCut { get; internal set; }

    /// <summary>
    /// SHA-256 of the arguments as they were sent, before anything was masked, in the canonical form of RFC 8785: 64
    /// lower-case hexadecimal digits. Of a call without arguments it is that of no bytes. Empty where calls of this
    /// method are not audited, where not all of the arguments was seen, where they stand twice, and where they are no
    /// I-JSON (RFC 7493).
    /// </summary>
    public string ArgumentsDigest { get; internal set; } = string.Empty;

    /// <summary>
    /// The result or the error, redacted JSON text; empty when there is none or the payload mode is metadata.
    /// </summary>
    public ReadOnlySpan<byte> Result => ResultBuffer.Span;

    /// <summary>True when <see cref="Result"/> is only its beginning.</summary>
    public bool ResultCut { get; internal set; }

    /// <summary>
    /// Keeps the record beyond the sink's callback. Its memory goes on counting against the tracker's bound until it is
    /// released.
    /// </summary>
    public void Keep() => IsKept = true;

    /// <summary>Gives a kept record back; on the tracker's thread. It is empty afterwards.</summary>
    public void Release()
    {
        IsKept = false;
        Reset();
    }

    internal bool IsKept { get; private set; }

    /// <summary>The ends of its connection. Another name of theirs may be learned while the call goes on.</summary>
    internal ConnectionEnds? Ends { get; set; }

    internal int ClientSide { get; set; }

    internal PooledBuffer ArgumentsBuffer { get; }

    internal PooledBuffer ResultBuffer { get; }

    internal JsonRpcId Id { get; set; }

    internal void NoteMissing(CallCompleteness completeness)
    {
        if (completeness > Completeness)
        {
            Completeness = completeness;
        }
    }

    /// <summary>Forgets all that it was, to be another.</summary>
    internal virtual void Reset()
    {
        ArgumentsBuffer.Release();
        ResultBuffer.Release();
        DurationNs = 0;
        TimeToFirstByteNs = -1;
        Key = ArgumentsDigest = string.Empty;
        Method = Name = ProtocolVersion = Session = TraceState = string.Empty;
        ClientExtensions = ServerExtensions = string.Empty;
        (TaskId, TaskStatus) = (string.Empty, McpTaskStatus.None);
        (Continues, ContinuedBy, TtlMs, CacheScope) = (0, 0, null, McpCacheScope.None);
        (Annotations, Deprecated) = (ToolAnnotations.None, McpDeprecated.None);
        TraceParent = default;
        ClientInfo = ServerInfo = (string.Empty, string.Empty);
        ClientIdentity = ServerIdentity = null;
        RequestBytes = ResponseBytes = 0;
        Status = CallStatus.Ok;
        ErrorCode = HttpStatus = Progress = 0;
        Completeness = CallCompleteness.Complete;
        HasCredential = CredentialInArguments = false;
        ForeignOrigin = (string.Empty, string.Empty);
        Tools = null;
        HeaderMismatch = AuditedArgumentsCut = ResultCut = FromServer = false;
        (Id, Ends) = (default, null);
    }
}
