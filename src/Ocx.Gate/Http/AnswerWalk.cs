using Ocx.Mcp.Http;

namespace Ocx.Gate.Http;

/// <summary>What the bytes are to a rewriter that <see cref="AnswerWalk.Take"/> took.</summary>
internal enum AnswerPart : byte
{
    /// <summary>They stay.</summary>
    Kept,

    /// <summary>They stay but for the last one: so the field that it names gets another name.</summary>
    Renamed,

    /// <summary>They may be anything.</summary>
    Room,

    /// <summary>They stay; what is written before and behind them is read with a line's end between.</summary>
    Break,

    /// <summary>They stay, and end what is rewritten.</summary>
    Done,

    /// <summary>No error can be written here.</summary>
    Impossible,
}

/// <summary>What is rewritten.</summary>
internal enum AnswerScope : byte
{
    /// <summary>A response, of whatever kind it turns out to be.</summary>
    Response,

    /// <summary>A response that is an event stream, all of it.</summary>
    Stream,

    /// <summary>An event of a stream.</summary>
    Event,
}

/// <summary>Goes through a response or an event, and says which bytes of it may be overwritten.</summary>
internal struct AnswerWalk(in ResponseSnapshot from)
{
    private readonly AnsweredMethod _answers = from.Answers;
    private HttpFraming _http = from.Http;
    private EventFraming _events = from.Events;

    /// <summary>True behind the head of the response that is rewritten.</summary>
    public bool InBody { get; private set; } = from.IsEvent;

    /// <summary>What is rewritten; of a response it is known behind its head.</summary>
    public AnswerScope Scope { get; private set; } = from.IsEvent ? AnswerScope.Event : AnswerScope.Response;

    /// <summary>Room that surely follows, with no break before or in it.</summary>
    public readonly long Promised => Scope != AnswerScope.Event && InBody ? _http.Promised : 0;

    /// <summary>No more room follows than what is promised.</summary>
    public readonly bool IsAllPromised => Scope != AnswerScope.Event && InBody && _http.Fields.ContentLength >= 0;

    /// <summary>True before an end that takes no byte.</summary>
    public readonly bool IsComplete => _http.IsComplete;

    /// <summary>What the end of the connection would end as well.</summary>
    public readonly bool LastsUntilClose => Scope != AnswerScope.Event && _http.LastsUntilClose;

    /// <summary>Takes bytes of one part.</summary>
    /// <param name="data">The next bytes; not empty, unless <see cref="IsComplete"/>.</param>
    /// <param name="taken">How many were taken.</param>
    public AnswerPart Take(ReadOnlySpan<byte> data, out int taken)
    {
        int payload = _http.PayloadIn(data.Length);
        if (payload == 0)
        {
            return TakeFrame(data, out taken);
        }

        AnswerPart part = AnswerPart.Room;
        taken = payload;
        if (Scope == AnswerScope.Event)
        {
            part = _events.Take(data[..payload], out taken) switch
            {
                EventPart.Data => AnswerPart.Room,
                EventPart.LineEnd => AnswerPart.Break,
                EventPart.End => AnswerPart.Done,
                _ => AnswerPart.Kept,
            };
        }

        _http.TakePayload(taken);
        return part;
    }

    private AnswerPart TakeFrame(ReadOnlySpan<byte> data, out int taken)
    {
        switch (_http.Take(data, _answers, out taken))
        {
            case FramedPart.NameOfBodyField when Scope != AnswerScope.Event:
                return AnswerPart.Renamed;
            case FramedPart.HeadEnd:
                return TakeHead();
            // An interim response (1xx) goes before the one that is rewritten; an event does not end with its stream.
            case FramedPart.End when InBody:
                return Scope == AnswerScope.Event ? AnswerPart.Impossible : AnswerPart.Done;
            case FramedPart.Tunnel or FramedPart.Lost:
                return AnswerPart.Impossible;
            default:
                return AnswerPart.Kept;
        }
    }

    private AnswerPart TakeHead()
    {
        ref readonly HeadFields fields = ref _http.Fields;
        if (fields.Status is >= 100 and < 200 and not 101)
        {
            return AnswerPart.Kept;
        }

        InBody = true;
        Scope = fields.Content == ContentKind.EventStream ? AnswerScope.Stream : AnswerScope.Response;
        return
            _http.IsTunnel || fields.ContentLength == 0 || fields.IsTransferCoded || fields.Content == ContentKind.Other
            ? AnswerPart.Impossible
            : AnswerPart.Kept;
    }
}
