using Ocx.Gate.Http;

namespace Ocx.Gate.Holding;

/// <summary>A response, or an event of a stream, that is an answer or may be one.</summary>
/// <param name="request">The request that its response answers; null where none was seen.</param>
/// <param name="from">The framing before its first byte.</param>
internal sealed class Answer(Request? request, ResponseSnapshot from)
{
    private List<GateCall>? _others;

    /// <summary>The request that its response answers.</summary>
    public Request? Request => request;

    /// <summary>The framing before its first byte.</summary>
    public ResponseSnapshot From => from;

    /// <summary>Where its first byte stands.</summary>
    public long Start => from.Offset;

    /// <summary>Where the byte behind its last one stands; -1 while it is not complete.</summary>
    public long End { get; set; } = -1;

    /// <summary>It is one event of a stream.</summary>
    public bool IsEvent => from.IsEvent;

    /// <summary>
    /// It came in the response to a POST, which answers what was posted: what answers another call comes on the stream
    /// of a GET, or is known by its id once it is complete.
    /// </summary>
    public bool IsOfPost { get; init; }

    /// <summary>It is no answer: it passes.</summary>
    public bool IsNone { get; set; }

    /// <summary>What its first members show.</summary>
    public MessageKind Shows { get; set; }

    /// <summary>Rewrites it, once it is refused.</summary>
    public AnswerRewriter? Rewriter { get; set; }

    /// <summary>Calls that it answers although their requests came elsewhere.</summary>
    public IReadOnlyList<GateCall> Others => _others ?? [];

    /// <summary>It answers this call.</summary>
    public void Add(GateCall call)
    {
        if (request?.Calls.Contains(call) != true)
        {
            (_others ??= []).Add(call);
        }
    }

    /// <summary>All calls that it answers.</summary>
    public IEnumerable<GateCall> Calls => request is null ? Others : request.Calls.Concat(Others);
}
