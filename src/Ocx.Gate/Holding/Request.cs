using Ocx.Audit.Wire;
using Ocx.Gate.Http;
using Ocx.Mcp.Buffers;

namespace Ocx.Gate.Holding;

/// <summary>How far a request is.</summary>
internal enum RequestState
{
    /// <summary>It is not complete, or not known to be harmless: its bytes are held.</summary>
    Reading,

    /// <summary>It passes.</summary>
    Passing,

    /// <summary>It waits for verdicts.</summary>
    Waiting,

    /// <summary>It is refused.</summary>
    Refused,
}

/// <summary>One HTTP request of a connection, until its response is over.</summary>
internal sealed class Request
{
    private readonly List<GateCall> _calls = [];
    private JsonEnd _end;

    /// <summary>A request whose bytes are kept within a budget.</summary>
    /// <param name="budget">What its connection may hold.</param>
    /// <param name="longest">The longest request that can be held, in bytes.</param>
    public Request(MemoryBudget budget, int longest) => (Bytes, Body) = (new(budget, longest), new(budget, longest));

    /// <summary>It is a request of the connection with this budget now; none of its bytes is kept yet.</summary>
    public void ChargeTo(MemoryBudget budget) => Bytes.Budget = Body.Budget = budget;

    /// <summary>When its first byte came, monotonic nanoseconds.</summary>
    public long Since { get; set; }

    /// <summary>Where its first byte stands in the client's direction.</summary>
    public long Start { get; set; }

    /// <summary>Where the byte behind its last one stands; -1 while it is not complete.</summary>
    public long End { get; set; } = -1;

    /// <summary>How far it is.</summary>
    public RequestState State { get; set; }

    /// <summary>The HTTP method; empty until its head is complete.</summary>
    public string Method { get; set; } = string.Empty;

    /// <summary>The session that its head names; empty where it names none.</summary>
    public string Session { get; set; } = string.Empty;

    /// <summary>It asks for the rest of a stream that broke: for events that were sent before.</summary>
    public bool Resumes { get; set; }

    /// <summary>Its head says that the body is coded, or is something else than JSON text.</summary>
    public bool IsCoded { get; set; }

    /// <summary>The request as it was sent, as long as it is held.</summary>
    public PooledBuffer Bytes { get; }

    /// <summary>What was read of its body, until it is known what it is.</summary>
    public PooledBuffer Body { get; }

    /// <summary>Its body may be a message: what was read is kept until it is complete, also when it passes.</summary>
    public bool MayBeMessage { get; set; } = true;

    /// <summary>Its response has begun, and says that the answer is in it.</summary>
    public bool HasAnswer { get; set; }

    /// <summary>Its response is over, although it is not complete.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>
    /// What is here of it calls something that is audited, and can be taken back: it may pass, and no answer to it may
    /// before it is read whole.
    /// </summary>
    public bool ShowsCall { get; set; }

    /// <summary>Its answer may have to wait: it makes audited calls, or it shows one and is not complete.</summary>
    public bool MayBeJudged => _calls.Count > 0 || ShowsCallOnly;

    /// <summary>It shows an audited call, and is not complete.</summary>
    public bool ShowsCallOnly => ShowsCall && End < 0;

    /// <summary>How much of the body was looked at.</summary>
    public int LookedAt { get; set; }

    /// <summary>The audited calls that it makes.</summary>
    public IReadOnlyList<GateCall> Calls => _calls;

    /// <summary>Why it is refused although no verdict says so; null otherwise.</summary>
    public string? Problem { get; set; }

    /// <summary>What a refusal must know of it; null until it is complete, and without audited calls.</summary>
    public RequestBody? Said { get; set; }

    /// <summary>More of it was read, as it was sent.</summary>
    public void NoteBytes(ReadOnlySpan<byte> bytes)
    {
        if (Unkept == GateFailure.Unspecified && !Bytes.Append(bytes))
        {
            Unkept = Bytes.IsStarved ? GateFailure.QueueFull : GateFailure.TooLarge;
        }
    }

    /// <summary>More of its body was read.</summary>
    public void NoteBody(ReadOnlySpan<byte> body)
    {
        Body.Append(body);
        if (State == RequestState.Passing && MayBeMessage)
        {
            _end.Feed(body);
        }
    }

    /// <summary>
    /// The message in its body has ended, or may have, as far as the body was read: a server could act on it before the
    /// rest is here.
    /// </summary>
    public bool HasWholeMessage()
    {
        if (State == RequestState.Reading)
        {
            _end = default;
            _end.Feed(Body.Span);
        }

        return _end.IsReached;
    }

    /// <summary>How many calls of methods that may be held the parser found in it.</summary>
    public int Found { get; set; }

    /// <summary>
    /// Why not all of it is kept: it is longer than what can be held (<see cref="GateFailure.TooLarge"/>), or too much
    /// is held already (<see cref="GateFailure.QueueFull"/>).
    /// </summary>
    public GateFailure Unkept { get; private set; }

    /// <summary>The parser could not read all of it.</summary>
    public bool IsUnread { get; set; }

    /// <summary>Bytes of it, or of its answer, are held from now on.</summary>
    public void NoteHeld(long now)
    {
        foreach (GateCall call in _calls)
        {
            call.NoteHeld(now);
        }
    }

    /// <summary>Its calls have their answers.</summary>
    public void NoteAnswered()
    {
        foreach (GateCall call in _calls)
        {
            call.IsAnswered = true;
        }
    }

    /// <summary>It makes this call.</summary>
    public void Add(GateCall call) => _calls.Add(call);

    /// <summary>True while a call of it waits for a verdict.</summary>
    public bool HasWaiting
    {
        get
        {
            foreach (GateCall call in _calls)
            {
                if (call.IsWaiting)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The first of its calls that is refused, or null.</summary>
    public GateCall? FirstRefused
    {
        get
        {
            foreach (GateCall call in _calls)
            {
                if (call.IsRefused)
                {
                    return call;
                }
            }

            return null;
        }
    }

    /// <summary>Its bytes need not be kept any more.</summary>
    public void ForgetBytes()
    {
        Bytes.Release();
        Body.Release();
    }

    /// <summary>Forgets all that it was, to be another.</summary>
    public void Reset()
    {
        ForgetBytes();
        _calls.Clear();
        (Start, End, State, Method) = (0, -1, RequestState.Reading, string.Empty);
        (Session, Resumes) = (string.Empty, false);
        (IsCoded, IsUnread, IsAnswered, MayBeMessage, ShowsCall) = (false, false, false, true, false);
        (HasAnswer, Unkept, _end) = (false, GateFailure.Unspecified, default);
        (LookedAt, Found, Problem, Said) = (0, 0, null, null);
    }
}
