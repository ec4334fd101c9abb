using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.Pairing;

/// <summary>One HTTP request and its response: the calls it carries, and what its headers said.</summary>
internal sealed class Exchange
{
    /// <summary>
    /// The status of a message that is taken, and answered elsewhere if at all. A body that it has is for people.
    /// </summary>
    public const int Accepted = 202;

    public List<OpenCall> Calls { get; } = [];

    public string Method { get; set; } = string.Empty;

    public string ProtocolVersion { get; set; } = string.Empty;

    public string McpMethod { get; set; } = string.Empty;

    public string McpName { get; set; } = string.Empty;

    /// <summary>The arguments that headers repeat; null when none does.</summary>
    public HeaderParameters? Parameters { get; set; }

    public string SessionId
    {
        get;
        set => field = CutText.Of(value, Longest.SessionId);
    } = string.Empty;

    public TraceParent TraceParent { get; set; }

    public string TraceState { get; set; } = string.Empty;

    public McpSession? Session { get; set; }

    /// <summary>The session is that of the request's target (2024-11-05), and not of a header.</summary>
    public bool SessionIsOfTarget { get; set; }

    /// <summary>The Host that the request went to.</summary>
    public string Host { get; set; } = string.Empty;

    /// <summary>The target that it went to, as it was sent.</summary>
    public string Target { get; set; } = string.Empty;

    /// <summary>Where a GET went to: its stream may name an endpoint that is relative to it.</summary>
    public EndpointUrl Url { get; set; }

    /// <summary>Its stream named an endpoint; another that it names does not count.</summary>
    public bool HasEndpoint { get; set; }

    /// <summary>The endpoint under which it is found; null when there is none.</summary>
    public StreamKey? Endpoint { get; set; }

    /// <summary>The ends of a stream whose beginning was not seen; 0 for any other exchange.</summary>
    public ulong JoinedEnds { get; set; }

    /// <summary>True for a stream whose beginning was not seen.</summary>
    public bool IsJoined => JoinedEnds != 0;

    /// <summary>Asks for the rest of a stream that broke: answers may come that were asked for there.</summary>
    public bool Resumes { get; set; }

    /// <summary>Its stream had event ids, so the rest of it may be asked for on another.</summary>
    public bool MayResume { get; set; }

    /// <summary>The request had a header that carries a credential.</summary>
    public bool HasCredential { get; set; }

    /// <summary>The host names of Origin and Host where they differ; else empty.</summary>
    public (string Origin, string Host) ForeignOrigin { get; set; } = (string.Empty, string.Empty);

    public long RequestStart { get; set; }

    public long ResponseStart { get; set; }

    public int Status { get; set; }

    public bool IsEventStream { get; set; }

    /// <summary>The response says no more than that the message is taken: an answer may come elsewhere.</summary>
    public bool IsAccepted { get; set; }

    public bool RequestDone { get; set; }

    public bool ResponseDone { get; set; }

    /// <summary>What kept the response's body from being read whole.</summary>
    public CallCompleteness Response { get; private set; }

    /// <summary>What it is charged for; 0 once it was concluded.</summary>
    public long Cost { get; set; }

    /// <summary>Its own size, and that of the texts that it keeps.</summary>
    public long Size =>
        512
        + CutText.SizeOf(ProtocolVersion)
        + CutText.SizeOf(McpMethod)
        + CutText.SizeOf(McpName)
        + (Parameters?.Size ?? 0)
        + CutText.SizeOf(SessionId)
        + SizeOf(Url)
        + CutText.SizeOf(Host)
        + CutText.SizeOf(Target)
        + CutText.SizeOf(TraceState)
        + CutText.SizeOf(ForeignOrigin.Origin)
        + CutText.SizeOf(ForeignOrigin.Host);

    private static int SizeOf(EndpointUrl url) =>
        url.Target is null ? 0 : CutText.SizeOf(url.Host) + CutText.SizeOf(url.Target);

    /// <summary>Something of the response, or of the calls that wait for it, was left out.</summary>
    public void NoteMissing(CallCompleteness what)
    {
        Response = what > Response ? what : Response;
        foreach (OpenCall call in Calls)
        {
            call.NoteMissing(what);
        }
    }

    /// <summary>Answers that came before the request's end.</summary>
    public EarlyAnswers? Early { get; set; }

    /// <summary>Its response has not begun: it stands in the queue of those that are awaited.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>It was given up, though the stream that it came from may still know it.</summary>
    public bool IsOver => Cost == 0;

    public void Reset()
    {
        Early?.Release();
        Early = null;
        Calls.Clear();
        Calls.Capacity = Math.Min(Calls.Capacity, 4); // one batch does not make it large for good
        Method = ProtocolVersion = McpMethod = McpName = SessionId = TraceState = string.Empty;
        TraceParent = default;
        Parameters = null;
        Session = null;
        SessionIsOfTarget = false;
        Url = default;
        Host = Target = string.Empty;
        HasEndpoint = false;
        Endpoint = null;
        JoinedEnds = 0;
        HasCredential = Resumes = MayResume = false;
        ForeignOrigin = (string.Empty, string.Empty);
        RequestStart = ResponseStart = 0;
        Status = 0;
        Cost = 0;
        IsEventStream = IsAccepted = RequestDone = ResponseDone = IsAwaited = false;
        Response = CallCompleteness.Complete;
    }
}
