using Ocx.Mcp.Buffers;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.Pairing;

/// <summary>One HTTP request and its response: the calls it carries, and what its headers said.</summary>
internal sealed class Exchange
{
    public List<CallRecord> Calls { get; } = [];

    public string Method { get; set; } = string.Empty;

    public string ProtocolVersion { get; set; } = string.Empty;

    public string McpMethod { get; set; } = string.Empty;

    public string McpName { get; set; } = string.Empty;

    public string SessionId { get; set => field = CutText.Of(value, Longest.SessionId); } = string.Empty;

    public TraceParent TraceParent { get; set; }

    public string TraceState { get; set; } = string.Empty;

    public McpSession? Session { get; set; }

    /// <summary>The request had a header that carries a credential.</summary>
    public bool HasCredential { get; set; }

    /// <summary>The host names of Origin and Host where they differ; else empty.</summary>
    public (string Origin, string Host) ForeignOrigin { get; set; } = (string.Empty, string.Empty);

    public long RequestStart { get; set; }

    public long ResponseStart { get; set; }

    public int Status { get; set; }

    public bool IsEventStream { get; set; }

    public bool RequestDone { get; set; }

    public bool ResponseDone { get; set; }

    /// <summary>What kept the response's body from being read whole.</summary>
    public CallCompleteness Response { get; set; }

    public void Reset()
    {
        Calls.Clear();
        Method = ProtocolVersion = McpMethod = McpName = SessionId = TraceState = string.Empty;
        TraceParent = default;
        Session = null;
        HasCredential = false;
        ForeignOrigin = (string.Empty, string.Empty);
        RequestStart = ResponseStart = 0;
        Status = 0;
        IsEventStream = RequestDone = ResponseDone = false;
        Response = CallCompleteness.Complete;
    }
}
