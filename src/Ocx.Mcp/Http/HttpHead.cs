using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.Http;

/// <summary>Content codings that bodies are decoded from (RFC 9110, 8.4.1; RFC 8878 for zstd).</summary>
public enum ContentCoding
{
    /// <summary>None.</summary>
    Identity,

    /// <summary>gzip.</summary>
    Gzip,

    /// <summary>deflate (zlib).</summary>
    Deflate,

    /// <summary>br.</summary>
    Brotli,

    /// <summary>zstd.</summary>
    Zstd,

    /// <summary>One that cannot be decoded here.</summary>
    Unknown,
}

/// <summary>What a message says it carries, as far as MCP cares.</summary>
public enum ContentKind
{
    /// <summary>Neither of the two.</summary>
    Other,

    /// <summary>application/json and its relatives.</summary>
    Json,

    /// <summary>text/event-stream.</summary>
    EventStream,
}

/// <summary>
/// The start line and the headers of one message that MCP needs. No other header is kept, so that no credential is: of
/// Authorization, Cookie or an API key it is only noted that there was one.
/// </summary>
public sealed class HttpHead
{
    /// <summary>The request's method; empty in a response.</summary>
    public string Method { get; internal set; } = string.Empty;

    /// <summary>The request's target as sent.</summary>
    public string Target { get; internal set; } = string.Empty;

    /// <summary>The response's status code; 0 in a request.</summary>
    public int Status { get; internal set; }

    /// <summary>True for HTTP/1.0, which closes by default.</summary>
    public bool IsHttp10 { get; internal set; }

    /// <summary>Content-Length; -1 when there is none, or a transfer coding overrides it (RFC 9112, 6.3).</summary>
    public long ContentLength { get; internal set; }

    /// <summary>True when the last transfer coding is chunked.</summary>
    public bool Chunked { get; internal set; }

    /// <summary>
    /// True when there is a transfer coding, which says where the body ends in place of Content-Length.
    /// </summary>
    internal bool HasTransferCoding { get; set; }

    /// <summary>The transfer codings beneath chunked.</summary>
    internal ContentCodings TransferCodings { get; set; }

    /// <summary>
    /// Where the value of the one Content-Length line begins, when it alone says where the body ends; else 0.
    /// </summary>
    internal int LengthFieldAt { get; set; }

    /// <summary>True when Content-Length is no number, or two that differ.</summary>
    internal bool LengthIsFaulty { get; set; }

    /// <summary>True when the connection becomes another protocol after this message (101).</summary>
    public bool SwitchesProtocol { get; internal set; }

    /// <summary>
    /// True when the client asks whether the server wants the body before it sends it (RFC 9110, 10.1.1).
    /// </summary>
    public bool ExpectsContinue { get; internal set; }

    /// <summary>
    /// True when the connection becomes a tunnel after this message: a 2xx to CONNECT (RFC 9110, 9.3.6).
    /// </summary>
    public bool OpensTunnel { get; internal set; }

    /// <summary>How the body is coded.</summary>
    public ContentCodings Codings { get; internal set; }

    /// <summary>What the body is.</summary>
    public ContentKind Content { get; internal set; }

    /// <summary>Mcp-Session-Id (revisions 2025-03-26 to 2025-11-25), or empty.</summary>
    public string SessionId { get; internal set; } = string.Empty;

    /// <summary>MCP-Protocol-Version (since 2025-06-18), or empty.</summary>
    public string ProtocolVersion { get; internal set; } = string.Empty;

    /// <summary>Mcp-Method (since 2026-07-28), or empty.</summary>
    public string McpMethod { get; internal set; } = string.Empty;

    /// <summary>Mcp-Name (since 2026-07-28), decoded, or empty.</summary>
    public string McpName { get; internal set; } = string.Empty;

    /// <summary>The Mcp-Param headers (since 2026-07-28), or none.</summary>
    internal HeaderParameters? Parameters { get; set; }

    /// <summary>Last-Event-ID: the request asks for the rest of a stream that broke.</summary>
    public bool Resumes { get; internal set; }

    /// <summary>Host, or empty.</summary>
    public string Host { get; internal set; } = string.Empty;

    /// <summary>Origin, which browsers send, or empty.</summary>
    public string Origin { get; internal set; } = string.Empty;

    /// <summary>True when a header that carries a credential was there; its value is not kept.</summary>
    public bool HasCredential { get; internal set; }

    /// <summary>traceparent, or none.</summary>
    public TraceParent TraceParent { get; internal set; }

    /// <summary>tracestate, or empty.</summary>
    public string TraceState { get; internal set; } = string.Empty;

    internal void Reset()
    {
        Host = Origin = string.Empty;
        HasCredential = Resumes = false;
        Method = Target = SessionId = ProtocolVersion = McpMethod = McpName = TraceState = string.Empty;
        TraceParent = default;
        Parameters = null;
        Status = 0;
        ContentLength = -1;
        LengthFieldAt = 0;
        IsHttp10 = Chunked = HasTransferCoding = LengthIsFaulty = false;
        SwitchesProtocol = OpensTunnel = ExpectsContinue = false;
        (Codings, TransferCodings, Content) = (default, default, ContentKind.Other);
    }
}
