using Ocx.Audit.Wire;
using Ocx.Gate.Counts;
using Ocx.Gate.Http;
using Ocx.Mcp.Http;

namespace Ocx.Gate.Holding;

/// <summary>
/// What a server sends. Of calls whose results wait, the response waits from its first byte on; of a stream only the
/// event that is the answer does, or may be: a head or an event that waits without need would hold up what client and
/// server have to say to each other before there is an answer.
/// </summary>
internal sealed class AnswerFlow : Flow
{
    // An error with its reason and token, and the head of its response.
    private const int RoomForError = 2048;

    private readonly Gatekeeper _keeper;
    private readonly ResponseFollower _follower = new();
    private readonly List<Answer> _answers = [];
    private readonly RewrittenBytes _rewritten = new();
    private Request? _request;
    private bool _isOfWhole;
    private Answer? _response;
    private Answer? _event;

    public AnswerFlow(GateConnection connection, Gatekeeper keeper)
        : base(connection, keeper.Exits) => _keeper = keeper;

    /// <summary>A byte waits for a verdict of whatever call it may belong to.</summary>
    public bool WaitsForAny { get; private set; }

    /// <summary>When the first byte that waits was held; 0 when none waits.</summary>
    public long HeldSince { get; private set; }

    /// <summary>The calls whose answers are held, or the event that may be one.</summary>
    public Answer? FirstHeld => _answers.Find(answer => answer.End < 0 || answer.End > At.Passed);

    /// <summary>The message that is read now is the answer of this call.</summary>
    public void NoteAnswer(GateCall call)
    {
        if (_event is null && _response is null)
        {
            // A message that nobody waited for when it began.
            _event = new Answer(Judged, _follower.InEvent ? _follower.AtEvent : _follower.AtResponse);
            _answers.Add(_event);
        }

        (_event ?? _response)!.Add(call);
        call.AnswerConnection = Connection;
    }

    /// <summary>The server ended its stream.</summary>
    public void Close()
    {
        if (_follower.Close() == ResponseEvent.ResponseEnd)
        {
            EndResponse(At.Read);
        }
    }

    /// <summary>Forgets answers that passed whole.</summary>
    public void Forget()
    {
        _rewritten.Forget(At.Acknowledged);
        while (_answers is [{ End: >= 0 } first, ..] && first.End <= At.Passed)
        {
            _answers.RemoveAt(0);
            HeldSince = 0;
            _keeper.NotePassed(first);
        }
    }

    /// <inheritdoc/>
    protected override Treatment Look(long offset, out long until)
    {
        Forget();
        WaitsForAny = false;
        until = long.MaxValue;
        foreach (Answer answer in _answers)
        {
            if (answer.End >= 0 && answer.End <= offset)
            {
                continue;
            }

            if (offset < answer.Start)
            {
                until = answer.Start;
                return Treatment.Pass;
            }

            switch (Decide(answer))
            {
                case Treatment.Hold:
                    return Treatment.Hold;
                case Treatment.Rewrite:
                    until = answer.End < 0 ? long.MaxValue : answer.End;
                    return Treatment.Rewrite;
            }

            if (answer.End < 0)
            {
                return Treatment.Pass;
            }

            offset = answer.End;
        }

        return Treatment.Pass;
    }

    /// <inheritdoc/>
    protected override void Read(ReadOnlySpan<byte> fresh, long now)
    {
        ReadOnlySpan<byte> rest = fresh;
        int told = 0;
        for (bool more = true; more && Connection.IsFollowed; )
        {
            if (!_follower.InResponse && !rest.IsEmpty)
            {
                BeginResponse(At.Read + fresh.Length - rest.Length);
            }

            ResponseEvent found = _follower.Advance(rest, out int consumed);
            rest = rest[consumed..];
            int at = fresh.Length - rest.Length;
            switch (found)
            {
                case ResponseEvent.NeedMore:
                    more = false;
                    break;
                case ResponseEvent.HeadComplete:
                    TakeHead(At.Read + at);
                    break;
                case ResponseEvent.EventBegin:
                    BeginEvent();
                    break;
                case ResponseEvent.EventEnd:
                    Feed(fresh, ref told, at, now);
                    EndEvent(At.Read + at);
                    break;
                case ResponseEvent.ResponseEnd:
                    Feed(fresh, ref told, at, now);
                    EndResponse(At.Read + at);
                    break;
                default:
                    _keeper.Lose(Connection, GateFailure.Unreadable);
                    return;
            }

            if ((_event ?? _response) is { } open && _follower.InResponse)
            {
                open.Shows = _follower.Message;
            }
        }

        Feed(fresh, ref told, fresh.Length, now);
        if (_follower.IsTunnel)
        {
            _keeper.Lose(Connection, GateFailure.Unreadable);
        }
    }

    /// <inheritdoc/>
    protected override bool Rewrite(long offset, Span<byte> bytes)
    {
        Answer answer = _answers.Find(answer => answer.Start <= offset && (answer.End < 0 || offset < answer.End))!;
        if (answer.Rewriter is null && !Begin(answer))
        {
            return false;
        }

        switch (answer.Rewriter!.Rewrite(bytes, out int consumed))
        {
            case RewriteResult.Impossible:
                _keeper.Break(Connection, GateEnd.Closed);
                return false;
            case RewriteResult.Done when answer.End < 0:
                answer.End = offset + consumed;
                break;
        }

        _rewritten.Add(offset, bytes);
        return true;
    }

    /// <inheritdoc/>
    protected override Repetition Repeat(long offset, Span<byte> bytes) =>
        _rewritten.PutInto(offset, bytes) ? Repetition.Changed : Repetition.Same;

    /// <inheritdoc/>
    protected override bool WasChanged(long start, long end) => _rewritten.MayTouch(start, end);

    /// <inheritdoc/>
    protected override void Send(long offset, ReadOnlySpan<byte> bytes, bool fin) =>
        Connection.SendToClient(offset, bytes, fin);

    /// <inheritdoc/>
    protected override void NoteHeld(long offset, long now)
    {
        _keeper.Counts.Packet(PacketFate.Held);
        HeldSince = HeldSince == 0 ? now : HeldSince;
        if (WaitsForAny)
        {
            _keeper.NoteWaitsForAny(Connection);
        }

        foreach (GateCall call in FirstHeld?.Calls ?? [])
        {
            call.AnswerConnection = Connection;
            call.NoteHeld(now);
        }
    }

    /// <inheritdoc/>
    protected override void OnImpatient() { }

    /// <inheritdoc/>
    protected override void OnFull(long offset, long now) => _keeper.Lose(Connection, GateFailure.QueueFull);

    // A request without audited calls is used again for another once it is answered.
    private Request? Judged => _request is { MayBeJudged: true } ? _request : null;

    private Treatment Decide(Answer answer)
    {
        Treatment treatment = answer.IsNone ? Treatment.Pass : DecideByCalls(answer);

        // The whole of an error has room in what is here of it, or in what its head promises, or more of it comes by
        // itself. A server that waits for its head to be acknowledged (Nagle) sends no more while the head waits.
        bool isPromised = answer == _response && _follower is { HasHead: true, Response.ContentLength: >= 0 };
        bool isShort = answer is { End: < 0, Rewriter: null } && !isPromised && At.Read - answer.Start < RoomForError;
        return treatment == Treatment.Rewrite && isShort ? Treatment.Hold : treatment;
    }

    private Treatment DecideByCalls(Answer answer)
    {
        bool isComplete = answer.End >= 0,
            mayBeOfRequest = !answer.IsEvent || answer.Shows != MessageKind.Request;
        if (mayBeOfRequest && answer.Request is { MayBeJudged: true } request)
        {
            if (request.ShowsCallOnly || request.HasWaiting)
            {
                return Treatment.Hold;
            }

            if (request.FirstRefused is not null)
            {
                // Which of a stream's events it is, an event that has only begun may not show yet.
                return answer.IsEvent && !isComplete && answer.Shows == MessageKind.Unknown
                    ? Treatment.Hold
                    : Treatment.Rewrite;
            }
        }

        foreach (GateCall call in answer.Others)
        {
            if (call.IsWaiting || call.IsRefused)
            {
                return call.IsWaiting ? Treatment.Hold : Treatment.Rewrite;
            }
        }

        bool mayBeAny = answer is { IsEvent: true, IsOfPost: false } && answer.Shows != MessageKind.Request;
        if (mayBeAny && !isComplete && _keeper.AwaitsAny(Connection))
        {
            WaitsForAny = true;
            return Treatment.Hold;
        }

        return Treatment.Pass;
    }

    private void BeginResponse(long start)
    {
        _request = Connection.Requests.Find(request => !request.IsAnswered);
        _isOfWhole = _request is { End: >= 0 } asked && asked.End <= Connection.Calls.At.Passed;
        _follower.Answers = _request?.Method switch
        {
            "HEAD" => AnsweredMethod.Head,
            "CONNECT" => AnsweredMethod.Connect,
            _ => AnsweredMethod.Other,
        };
        if (_request is { MayBeJudged: true })
        {
            _response = new Answer(_request, new ResponseSnapshot { Offset = start });
            _answers.Add(_response);
        }
    }

    private void TakeHead(long end)
    {
        if (_response is not { } begun)
        {
            return;
        }

        ResponseFacts facts = _follower.Response;
        _answers.Remove(begun);
        _response = new Answer(_request, _follower.AtResponse);
        _answers.Add(_response);

        // The answer comes in an event, or on another stream (202): what is here passes.
        bool isStream = facts is { Content: ContentKind.EventStream, Status: 200, IsCoded: false };
        bool isEmpty = facts is { Status: 202 } and ({ ContentLength: 0 } or { Content: ContentKind.Other });
        _request!.HasAnswer = facts.Status == 200;

        // Before the end of its request the server has no call to answer, but may not want the rest.
        bool isNotWanted = facts.Status >= 400 && _request is { ShowsCallOnly: true };
        if (facts.IsInterim || isStream || isEmpty || isNotWanted)
        {
            _response.IsNone = true;
            _response.End = isStream ? end : -1;
        }
    }

    private void BeginEvent()
    {
        if (_request is { MayBeJudged: true } || _keeper.AwaitsAny(Connection))
        {
            _event = new Answer(Judged, _follower.AtEvent) { IsOfPost = _request is { Method: "POST" } };
            _answers.Add(_event);
        }
    }

    private void EndEvent(long end)
    {
        if (_event is { } ended)
        {
            (ended.End, ended.Shows) = (end, _follower.Message);
            ended.IsNone = ended.Others.Count == 0 && (!_follower.EventHasData || ended.Shows == MessageKind.Request);
            if (ended is { IsNone: false, Request: { } request })
            {
                request.NoteAnswered();
            }
        }

        _event = null;
    }

    private void EndResponse(long end)
    {
        if (_event is not null)
        {
            EndEvent(end);
        }

        if (_response is { End: < 0 } response)
        {
            response.End = end;
        }

        if (Connection.IsOnTrial && !_follower.Response.IsInterim)
        {
            if (!_isOfWhole)
            {
                _keeper.Lose(Connection, GateFailure.JoinedMidway);
                return;
            }

            Connection.IsOnTrial = false;
        }

        bool isAnswer = _response?.IsNone == false;
        _response = null;
        if (_follower.Response.IsInterim || _request is not { } request)
        {
            return;
        }

        _request = null;
        request.HasAnswer = false; // where it had none, another stream may bring it
        if (isAnswer)
        {
            request.NoteAnswered();
        }

        // What a server answers before it has all of it goes on to be a request, and is held like any other.
        request.IsAnswered = true;
        if (request is { End: >= 0, State: RequestState.Passing } && request.End <= Connection.Calls.At.Passed)
        {
            Connection.Requests.Remove(request);
            _keeper.Spare.Return(request);
        }
    }

    private void Feed(ReadOnlySpan<byte> fresh, ref int told, int upTo, long now)
    {
        if (upTo > told && Connection.IsFollowed)
        {
            _keeper.Feed(Connection, isCall: false, At.Read + told, fresh[told..upTo], now, null);
            told = upTo;
        }
    }

    // Of its calls the first that is refused gives the reason.
    private bool Begin(Answer answer)
    {
        GateCall refused = answer.Calls.First(call => call.IsRefused);
        if (At.Passed > answer.Start)
        {
            _keeper.Break(Connection, GateEnd.Closed);
            return false;
        }

        answer.Rewriter = new AnswerRewriter(answer.From, Gatekeeper.FormsOf(refused, withheld: true));
        RewriteResult room = RewriteResult.Continue;
        foreach (HeldPacket held in Held)
        {
            long from = Math.Max(held.Start, answer.Start),
                to = answer.End < 0 ? held.End : Math.Min(held.End, answer.End);
            if (room == RewriteResult.Continue && to > from)
            {
                int at = held.PayloadOffset + (int)(from - held.Start);
                room = answer.Rewriter.Survey(held.Packet.Span.Slice(at, (int)(to - from)));
            }
        }

        if (room != RewriteResult.Impossible)
        {
            return true;
        }

        if (!answer.IsEvent)
        {
            _keeper.Speak(Connection, refused, withheld: true);
        }
        else
        {
            _keeper.Break(Connection, GateEnd.Closed);
        }

        return false;
    }
}
