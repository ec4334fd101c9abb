using Ocx.Audit.Wire;
using Ocx.Gate.Counts;
using Ocx.Mcp.Http;

namespace Ocx.Gate.Holding;

/// <summary>
/// What a client sends. A request waits from its first byte on until it is known that it may pass: that it is complete
/// and calls nothing that waits, or that what is here of it shows so already.
/// </summary>
internal sealed class CallFlow : Flow
{
    // A client that has not sent so much is not held up by a missing acknowledgment (RFC 6928), or TCP has met losses.
    private const int FirstWindow = 8 << 10;
    private const int PatientRepeats = 3;

    private readonly Gatekeeper _keeper;
    private readonly HttpReader _reader;
    private readonly RecentBytes _recent = new();
    private Request? _current;
    private int _repeats;

    public CallFlow(GateConnection connection, Gatekeeper keeper)
        : base(connection, keeper.Exits)
    {
        _keeper = keeper;
        _reader = new HttpReader(request: true, connection.Budget, keeper.Strings);
    }

    /// <summary>The beginning of a request that may be a message is here, and not its end.</summary>
    public bool IsInMessage => _current is { MayBeMessage: true };

    /// <summary>When that began, if it, or an answer that came before its end, is held; else null.</summary>
    public long? UnfinishedSince =>
        _current is { State: RequestState.Reading } || (IsInMessage && Connection.Answers.IsHolding)
            ? _current!.Since
            : null;

    /// <summary>Gives memory back.</summary>
    public void Release() => _reader.Release();

    /// <inheritdoc/>
    protected override Treatment Look(long offset, out long until)
    {
        until = long.MaxValue;
        Request? before = null;
        foreach (Request request in Connection.Requests)
        {
            bool waitsForAnswer = Connection.IsOnTrial && before is not null;
            before = request;
            if (
                (request.State == RequestState.Passing && !waitsForAnswer)
                || (request.End >= 0 && request.End <= offset)
            )
            {
                continue;
            }

            until = request.Start;
            return offset < request.Start ? Treatment.Pass : Treatment.Hold;
        }

        return Treatment.Pass;
    }

    /// <inheritdoc/>
    protected override void Read(ReadOnlySpan<byte> fresh, long now)
    {
        _recent.Add(At.Read, fresh);
        _repeats = 0;
        ReadOnlySpan<byte> rest = fresh;
        int told = 0;
        if (At.Read == 0 && !TryBegin(ref rest))
        {
            _keeper.Lose(Connection, GateFailure.Unreadable);
            return;
        }

        for (bool more = true; more && Connection.IsFollowed; )
        {
            int at = fresh.Length - rest.Length;
            if (_current is null && !rest.IsEmpty)
            {
                _current = _keeper.Spare.Take(Connection, At.Read + at, now);
                Connection.Requests.Add(_current);
            }

            switch (_reader.Read(ref rest, out ReadOnlySpan<byte> body))
            {
                case HttpEvent.NeedMore:
                    more = false;
                    break;
                case HttpEvent.Head:
                    _current!.Method = _reader.Head.Method;
                    (_current.Session, _current.Resumes) = (_reader.Head.SessionId, _reader.Head.Resumes);
                    _current.IsCoded = !_reader.Head.Codings.IsEmpty;
                    break;
                case HttpEvent.Body:
                    _current!.NoteBody(body);
                    break;
                case HttpEvent.Lost:
                    _keeper.Lose(Connection, GateFailure.Unreadable);
                    return;
                case HttpEvent.End:
                    at = fresh.Length - rest.Length;
                    _current!.NoteBytes(fresh[Math.Max(told, StartIn(_current))..at]);
                    _keeper.Feed(Connection, isCall: true, At.Read + told, fresh[told..at], now, _current);
                    if (!Connection.IsFollowed)
                    {
                        return;
                    }

                    told = at;
                    _current.End = At.Read + at;
                    Request complete = _current;
                    _current = null;
                    _keeper.Complete(Connection, complete, now);
                    break;
            }
        }

        if (told < fresh.Length && Connection.IsFollowed)
        {
            _current?.NoteBytes(fresh[Math.Max(told, StartIn(_current))..]);
            _keeper.Feed(Connection, isCall: true, At.Read + told, fresh[told..], now, _current);
            if (_current is { State: RequestState.Reading, Unkept: not GateFailure.Unspecified and var failure })
            {
                _keeper.Lose(Connection, failure);
            }
            else if (_current is { State: RequestState.Reading } current && _keeper.IsHarmless(current, Connection))
            {
                current.State = RequestState.Passing;
                if (!current.MayBeMessage)
                {
                    current.ForgetBytes();
                }
            }
            else if (_current is { State: RequestState.Passing, MayBeMessage: true } begun && begun.HasWholeMessage())
            {
                // The message has ended, and the request has not: the rest waits for its end.
                begun.State = RequestState.Reading;
            }

            if (IsInMessage)
            {
                _keeper.NoteUnfinished(Connection);
            }
        }
    }

    /// <inheritdoc/>
    protected override bool Rewrite(long offset, Span<byte> bytes) => true;

    /// <inheritdoc/>
    protected override Repetition Repeat(long offset, Span<byte> bytes) =>
        _recent.Has(offset, bytes) ? Repetition.Same : Repetition.Foreign;

    /// <inheritdoc/>
    protected override bool WasChanged(long start, long end) => false;

    /// <inheritdoc/>
    protected override void Send(long offset, ReadOnlySpan<byte> bytes, bool fin) =>
        Connection.SendToServer(offset, bytes, fin);

    /// <inheritdoc/>
    protected override void NoteHeld(long offset, long now)
    {
        _keeper.Counts.Packet(PacketFate.Held);
        bool goesOn = At.Promised > At.Passed || Connection.IsJoined;
        if (goesOn && _current is { State: RequestState.Reading })
        {
            Connection.Promise();
        }

        foreach (Request request in Connection.Requests)
        {
            if (request.State is RequestState.Waiting)
            {
                request.NoteHeld(now);
                return;
            }
        }
    }

    // Of a request that is longer than what may be under way the rest would not come without an acknowledgment, which
    // can be lost like all packets. A whole one is left unacknowledged: when the gate is killed, TCP brings it again.
    /// <inheritdoc/>
    protected override void OnImpatient()
    {
        _repeats++;
        bool wasPromised = At.Promised > At.Passed;
        bool isStuck = wasPromised || At.Read - At.Passed >= FirstWindow || _repeats >= PatientRepeats;
        if (isStuck && _current is { State: RequestState.Reading })
        {
            Connection.Promise();
        }
    }

    /// <inheritdoc/>
    protected override void OnFull(long offset, long now) => _keeper.Lose(Connection, GateFailure.QueueFull);

    // A proxy may say before it whom it speaks for; it says so in one packet.
    private static bool TryBegin(ref ReadOnlySpan<byte> first)
    {
        if (ProtocolSniffer.Sniff(first) == Protocol.ProxyHeader)
        {
            int length = ProxyHeader.Read(first, out _),
                data = first.Length;
            first = first[Math.Clamp(length, 0, data)..];
            return length > 0 && length <= data;
        }

        return ProtocolSniffer.Sniff(first) is Protocol.HttpRequest or Protocol.NeedMore;
    }

    // Where a request begins in what is read now; before it, where it began earlier.
    private int StartIn(Request request) => (int)Math.Max(0, request.Start - At.Read);
}
