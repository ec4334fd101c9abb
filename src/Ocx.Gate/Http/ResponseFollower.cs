using Ocx.Mcp.Http;

namespace Ocx.Gate.Http;

/// <summary>
/// Follows what a server sends on one connection: HTTP/1.1 responses (RFC 9112) one after the other, and the events in
/// those that are event streams. It keeps no byte of them, and allocates nothing. Offsets are of the stream: 0 is the
/// first byte that it was given.
/// </summary>
internal sealed class ResponseFollower
{
    private HttpFraming _http;
    private EventFraming _events;
    private MessagePeek _message;
    private ResponseFacts _facts;
    private ResponseSnapshot _atEvent;
    private AnsweredMethod _answered;
    private long _responses;
    private bool _hasEvents;

    /// <summary>
    /// What the next response answers, or the one that is under way until its head is complete. It is
    /// <see cref="AnsweredMethod.Other"/> again behind the head of each final response.
    /// </summary>
    public AnsweredMethod Answers { get; set; }

    /// <summary>The offset of the next byte.</summary>
    public long Offset { get; private set; }

    /// <summary>True from a response's first byte to its last.</summary>
    public bool InResponse { get; private set; }

    /// <summary>True once its head is complete.</summary>
    public bool HasHead { get; private set; }

    /// <summary>The offset of the current response's first byte; between two, of the last one's.</summary>
    public long ResponseStart { get; private set; }

    /// <summary>The current response, or the last one; known from its head's end on.</summary>
    public ref readonly ResponseFacts Response => ref _facts;

    /// <summary>True from an event's first byte to the end of its empty line.</summary>
    public bool InEvent => _hasEvents && _events.InEvent;

    /// <summary>The offset of the current event's first byte; between two, of the last one's.</summary>
    public long EventStart => _atEvent.Offset;

    /// <summary>The current event, or the last one, has data; a comment has none.</summary>
    public bool EventHasData => _events.HasData;

    /// <summary>What the current message is, or the last one: that of the event, or of a JSON body.</summary>
    public MessageKind Message => _message.Kind;

    /// <summary>After <see cref="ResponseEvent.Lost"/>.</summary>
    public bool IsLost => _http.IsLost;

    /// <summary>The connection is no HTTP any more (101, or a 2xx to CONNECT).</summary>
    public bool IsTunnel => _http.IsTunnel;

    /// <summary>
    /// The state before the first byte of the current response, or of the last one, for <see cref="AnswerRewriter"/>.
    /// </summary>
    public ResponseSnapshot AtResponse => new() { Offset = ResponseStart, Answers = HasHead ? _answered : Answers };

    /// <summary>The state before the first byte of the current event, or of the last one.</summary>
    public ref readonly ResponseSnapshot AtEvent => ref _atEvent;

    /// <summary>
    /// Follows the next bytes as far as the next point of interest. It is to be called until it says
    /// <see cref="ResponseEvent.NeedMore"/>, with an empty rest as well: a response may end behind the last byte.
    /// </summary>
    /// <param name="data">The bytes at <see cref="Offset"/>.</param>
    /// <param name="consumed">
    /// How many of them were followed; all with <see cref="ResponseEvent.NeedMore"/> and
    /// <see cref="ResponseEvent.Lost"/>.
    /// </param>
    public ResponseEvent Advance(ReadOnlySpan<byte> data, out int consumed)
    {
        for (consumed = 0; ; )
        {
            ReadOnlySpan<byte> rest = data[consumed..];
            if (rest.IsEmpty && !_http.IsComplete)
            {
                return IsLost ? ResponseEvent.Lost : ResponseEvent.NeedMore;
            }

            ResponseEvent found;
            int taken,
                payload = _http.PayloadIn(rest.Length);
            if (payload > 0)
            {
                found = FollowPayload(rest[..payload], out taken);
                _http.TakePayload(taken);
            }
            else
            {
                found = FollowFrame(rest, out taken);
            }

            consumed += taken;
            Offset += taken;
            if (found == ResponseEvent.EventBegin)
            {
                _atEvent = new()
                {
                    Offset = Offset,
                    IsEvent = true,
                    Answers = _answered,
                    Http = _http,
                    Events = _events,
                };
            }

            if (found == ResponseEvent.Lost)
            {
                Offset += data.Length - consumed;
                consumed = data.Length;
            }

            if (found != ResponseEvent.NeedMore)
            {
                return found;
            }
        }
    }

    /// <summary>
    /// The server ended its stream: <see cref="ResponseEvent.ResponseEnd"/> where that completes a body,
    /// <see cref="ResponseEvent.NeedMore"/> between responses and in a tunnel, else <see cref="ResponseEvent.Lost"/>.
    /// </summary>
    public ResponseEvent Close()
    {
        if (_http.CompleteByClose())
        {
            return EndResponse();
        }

        if (_http.IsBetween || IsTunnel)
        {
            return ResponseEvent.NeedMore;
        }

        Lose();
        return ResponseEvent.Lost;
    }

    /// <summary>Bytes passed that it was not given: nothing is known from here on.</summary>
    public void Lose()
    {
        _http.Forget();
        InResponse = _hasEvents = false;
    }

    private ResponseEvent FollowFrame(ReadOnlySpan<byte> data, out int taken)
    {
        long start = Offset;
        switch (_http.Take(data, Answers, out taken))
        {
            case FramedPart.Head or FramedPart.NameOfBodyField:
                BeginResponse(start);
                return ResponseEvent.NeedMore;
            case FramedPart.HeadEnd:
                BeginResponse(start);
                EndHead();
                return ResponseEvent.HeadComplete;
            case FramedPart.End:
                return EndResponse();
            case FramedPart.Lost:
                Lose();
                return ResponseEvent.Lost;
            default:
                return ResponseEvent.NeedMore;
        }
    }

    private ResponseEvent FollowPayload(ReadOnlySpan<byte> payload, out int taken)
    {
        if (!_hasEvents)
        {
            taken = payload.Length;
            if (_facts is { Content: ContentKind.Json, IsCoded: false })
            {
                _message.Feed(payload);
            }

            return ResponseEvent.NeedMore;
        }

        for (taken = 0; taken < payload.Length; )
        {
            ReadOnlySpan<byte> rest = payload[taken..];
            EventPart part = _events.Take(rest, out int length);
            taken += length;
            switch (part)
            {
                case EventPart.Begin:
                    _message = default;
                    return ResponseEvent.EventBegin;
                case EventPart.Data:
                    _message.Feed(rest[..length]);
                    break;
                case EventPart.End:
                    return ResponseEvent.EventEnd;
            }
        }

        return ResponseEvent.NeedMore;
    }

    private void BeginResponse(long start)
    {
        if (!InResponse)
        {
            (InResponse, HasHead, ResponseStart) = (true, false, start);
        }
    }

    private void EndHead()
    {
        ref readonly HeadFields fields = ref _http.Fields;
        _facts = new()
        {
            Index = _responses,
            Status = fields.Status,
            Content = fields.Content,
            IsCoded = fields.IsContentCoded || fields.IsTransferCoded,
            ContentLength = fields.ContentLength,
            IsChunked = fields.IsChunked,
            LastsUntilClose = _http.LastsUntilClose,
        };
        (HasHead, _answered) = (true, Answers);
        Answers = _facts.IsInterim ? Answers : AnsweredMethod.Other;
        (_events, _message) = (default, default);
        _hasEvents = _facts is { Content: ContentKind.EventStream, IsCoded: false };
    }

    private ResponseEvent EndResponse()
    {
        InResponse = _hasEvents = false;
        _responses += _facts.IsInterim ? 0 : 1;
        return ResponseEvent.ResponseEnd;
    }
}
