using System.Diagnostics;
using Ocx.Audit.Wire;
using Ocx.Gate.Asking;
using Ocx.Gate.Http;

namespace Ocx.Gate.Holding;

/// <summary>The calls: who asks for them, what is answered, and how that is carried out.</summary>
internal sealed partial class Gatekeeper
{
    private const string TooMuch = "too many calls wait already";

    // An answer that is held for no call of its own stream, only since it may be some call's.
    private static readonly long s_longestDoubt = (long)TimeSpan.FromSeconds(10).TotalNanoseconds;

    private readonly Dictionary<string, GateCall> _calls = new(StringComparer.Ordinal);
    private readonly HashSet<GateCall> _awaited = [];
    private readonly HashSet<GateConnection> _doubtful = [];
    private readonly HashSet<GateConnection> _unfinished = [];
    private readonly HashSet<GateConnection> _resuming = [];
    private readonly Withheld _withheld = new();
    private readonly List<Opened> _toAsk = [];
    private readonly List<GateEnded> _toTell = [];

    /// <summary>A call begins.</summary>
    /// <param name="call">It.</param>
    /// <param name="question">What is asked of the auditor.</param>
    internal void Begin(GateCall call, Opened question)
    {
        _calls.Add(call.Key, call);
        Counts.HoldBegan(call.Rules.Audit!.Name);
        if (!call.Rules.IsIrreversible)
        {
            _awaited.Add(call);
        }

        _toAsk.Add(question);
    }

    /// <summary>The call with this key; null when there is none, or it is over.</summary>
    internal GateCall? Find(string key) => _calls.GetValueOrDefault(key);

    /// <summary>The parser knows how a call ended.</summary>
    internal void NoteOver(GateCall call)
    {
        call.IsOver = true;
        if (!call.IsWaiting && call.AnswerConnection is null)
        {
            Tell(call, call.IsRefused ? GateEnd.Gone : GateEnd.Released);
        }
    }

    /// <summary>Has the parser read bytes of a connection.</summary>
    internal void Feed(
        GateConnection connection,
        bool isCall,
        long offset,
        ReadOnlySpan<byte> bytes,
        long now,
        Request? request
    )
    {
        _now = now;
        if (!_messages.TryRead(connection, isCall, offset, bytes, now, request))
        {
            Lose(connection, GateFailure.Unreadable);
        }
    }

    /// <summary>May a request pass that is not complete?</summary>
    internal bool IsHarmless(Request request, GateConnection connection) =>
        !connection.IsOnTrial && RulesOf(connection) is { } rules && RequestCheck.IsHarmless(request, rules);

    /// <summary>A request is complete, and the parser has read it.</summary>
    internal void Complete(GateConnection connection, Request request, long now)
    {
        if (RulesOf(connection) is { } rules && (request.IsUnread || !RequestCheck.IsPlain(request, rules)))
        {
            GateFailure failure = request.Unkept == GateFailure.Unspecified ? GateFailure.Unreadable : request.Unkept;
            Count(rules, failure);
            if (rules.FailurePolicy == GateFailurePolicy.Closed)
            {
                request.Problem = failure switch
                {
                    GateFailure.TooLarge => "it is longer than what can be held",
                    GateFailure.QueueFull => TooMuch,
                    _ => "it cannot be read",
                };
            }
        }

        if (request.Calls.Count > 0 || request.Resumes)
        {
            request.Said = RequestBody.Read(request.Bytes.Span);
        }

        request.State =
            request.Problem is not null ? RequestState.Refused
            : request.Calls.Any(call => call.Rules.IsIrreversible) ? RequestState.Waiting
            : Resumed(connection, request, now);
        if (request.State != RequestState.Refused)
        {
            request.ForgetBytes();
        }
    }

    /// <summary>Ends a connection with a refusal in the server's place.</summary>
    internal void Speak(GateConnection connection, GateCall? refused, bool withheld)
    {
        Request request = refused?.Request ?? connection.Requests[0];
        AuditError error = refused is null
            ? new AuditError { Reason = request.Problem ?? string.Empty }
            : ErrorOf(refused, withheld);
        RequestBody said = request.Said ?? RequestBody.Read(request.Bytes.Span);
        connection.ResetServer();
        byte[] answer = Refusal.Response(error, said);
        connection.Reply = new LastReply(connection, answer);
        End(connection, GateEnd.Refused, _now, answer);
        connection.State = ConnectionState.Closing;
        _closing.Add(connection);
        connection.Reply.Begin(_now);
    }

    /// <summary>The error for the requests of a call's body.</summary>
    internal static ErrorForms FormsOf(GateCall refused, bool withheld) =>
        new(ErrorOf(refused, withheld), refused.Request.Said?.Ids ?? RequestIds.Unknown);

    /// <summary>
    /// May an event of one of this client's streams be the answer of a call that is not released, and whose own
    /// response does not bring it?
    /// </summary>
    internal bool AwaitsAny(GateConnection connection)
    {
        foreach (GateCall call in _awaited)
        {
            if (call is { IsAnswered: false, Request.HasAnswer: false } && IsOfClient(call))
            {
                return true;
            }
        }

        return false;

        bool IsOfClient(GateCall call) => call.Connection.Client.Address == connection.Client.Address;
    }

    /// <summary>A connection holds an event that may be any call's answer.</summary>
    internal void NoteWaitsForAny(GateConnection connection) => _doubtful.Add(connection);

    /// <summary>An answer passed, as it was or rewritten.</summary>
    internal void NotePassed(Answer answer)
    {
        foreach (GateCall call in answer.IsNone ? [] : answer.Calls)
        {
            if (!call.IsWaiting)
            {
                call.IsAnswered = true;
                Tell(call, answer.Rewriter is null ? GateEnd.Released : GateEnd.Refused);
            }
        }
    }

    private static AuditError ErrorOf(GateCall refused, bool withheld) =>
        new()
        {
            ResultWithheld = withheld,
            Audit = refused.Verdict!.Audit.Length > 0 ? refused.Verdict.Audit : refused.Rules.Audit!.Name,
            Reason = refused.Verdict.Reason,
            RevertToken = refused.Verdict.RevertToken,
            Approval = refused.Verdict.Approval,
        };

    /// <summary>
    /// Asks about the calls that are new, and tells of those that ended: whoever hears it wants a processor, and
    /// packets come first.
    /// </summary>
    private void SpeakToAuditor(long now)
    {
        for (int i = 0; i < _toAsk.Count; i++)
        {
            if (_calls.TryGetValue(_toAsk[i].Key, out GateCall? call) && call.IsWaiting)
            {
                Ask(call, _toAsk[i], now);
            }
        }

        _toAsk.Clear();
        foreach (GateEnded ended in _toTell)
        {
            _inbox.Tell(ended);
        }

        _toTell.Clear();
    }

    private void Ask(GateCall call, Opened opened, long now)
    {
        if (_inbox.Ask(opened))
        {
            call.IsAsked = true;
        }
        else
        {
            Fail(call, GateFailure.QueueFull, now);
        }
    }

    private void TakeVerdict(GateCall call, in GateAnswer answer, long now)
    {
        if (answer.Verdict is not { } verdict)
        {
            Fail(call, GateFailure.NoAuditor, now);
            return;
        }

        call.ArrivedAt = answer.ArrivedAt;
        call.Failure = verdict.Expired ? GateFailure.Expired : GateFailure.Unspecified;
        Decide(call, verdict, now);
    }

    // Nobody decides: the audit's failure policy does.
    private void Fail(GateCall call, GateFailure failure, long now)
    {
        bool opens =
            failure == GateFailure.Expired
                ? call.Rules.ReleaseOnDeadline
                : call.Rules.FailurePolicy == GateFailurePolicy.Open;
        call.Failure = failure;
        string reason = failure switch
        {
            GateFailure.Expired => "nobody decided in time",
            GateFailure.QueueFull => TooMuch,
            _ => "the auditor cannot be asked",
        };
        Decide(
            call,
            new GateVerdict
            {
                Key = call.Key,
                Release = opens,
                Reason = reason,
            },
            now
        );
    }

    private void Decide(GateCall call, GateVerdict verdict, long now)
    {
        try
        {
            CarryOut(call, verdict, now);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            Counts.Faulted(fault);
            LoseFaulty(call.Connection, now);
            Tell(call, call.IsRefused ? GateEnd.Closed : GateEnd.Released);
        }
    }

    private void CarryOut(GateCall call, GateVerdict verdict, long now)
    {
        _now = now;
        call.Verdict = verdict;
        if (verdict.Release)
        {
            _awaited.Remove(call);
        }
        else
        {
            NoteWithheld(call);
        }

        Settle(call.Connection, now);
        if (call.AnswerConnection is { } other && other != call.Connection)
        {
            Settle(other, now);
        }

        foreach (GateConnection connection in _doubtful.ToArray())
        {
            Settle(connection, now);
            if (!connection.Answers.IsHolding)
            {
                _doubtful.Remove(connection);
            }
        }

        foreach (GateConnection connection in _resuming.ToArray())
        {
            _resuming.Remove(connection);
            Settle(connection, now);
        }

        bool held = call.Rules.IsIrreversible || call.AnswerConnection?.Answers.IsHolding == true;
        if (!held && (verdict.Release || call.IsOver))
        {
            Tell(call, verdict.Release ? GateEnd.Released : GateEnd.Gone);
        }
    }

    // Sends on, or refuses, what was decided.
    private void Settle(GateConnection connection, long now)
    {
        _now = now;
        if (!connection.IsFollowed)
        {
            return;
        }

        foreach (Request request in connection.Requests)
        {
            if (request.State == RequestState.Waiting && !request.HasWaiting)
            {
                request.State = request.FirstRefused is null ? Resumed(connection, request, now) : RequestState.Refused;
            }
        }

        connection.Calls.Advance(now);
        connection.Answers.Advance(now);
        connection.Answers.Forget();
        if (!connection.IsFollowed)
        {
            return;
        }

        Request? answered = null;
        foreach (Request request in connection.Requests)
        {
            if (request.State == RequestState.Passing && request.End >= 0 && request.End <= connection.Calls.At.Passed)
            {
                TellPassed(request);
                answered = request.IsAnswered ? request : answered;
            }
        }

        if (answered is not null)
        {
            connection.Requests.Remove(answered);
        }

        // What came before it is answered.
        if (connection.Requests is [{ State: RequestState.Refused } first, ..] && !connection.Answers.IsHolding)
        {
            Speak(connection, first.FirstRefused, withheld: false);
        }
    }

    private void NoteWithheld(GateCall call)
    {
        if (!call.Rules.IsIrreversible)
        {
            _withheld.Note(call.Connection.Client, call.Request.Session, _now);
        }
    }

    // A stream that is resumed may bring the results of its session once more: it waits until all of them are decided,
    // and is refused when one was withheld.
    private RequestState Resumed(GateConnection connection, Request request, long now)
    {
        if (!request.Resumes)
        {
            return RequestState.Passing;
        }

        foreach (GateCall call in _awaited)
        {
            if (
                call.IsWaiting
                && Withheld.IsSame(
                    call.Connection.Client.Address,
                    call.Request.Session,
                    connection.Client.Address,
                    request.Session
                )
            )
            {
                _resuming.Add(connection);
                return RequestState.Waiting;
            }
        }

        if (!_withheld.May(connection.Client, request.Session, now) || RulesOf(connection) is not { } rules)
        {
            return RequestState.Passing;
        }

        Count(rules, GateFailure.Unreadable);
        if (rules.FailurePolicy == GateFailurePolicy.Open)
        {
            return RequestState.Passing;
        }

        request.Problem = "a result of its session was withheld, and the server may send it once more";
        return RequestState.Refused;
    }

    private void TellPassed(Request request)
    {
        foreach (GateCall call in request.Calls)
        {
            if (call.Rules.IsIrreversible && !call.IsWaiting)
            {
                Tell(call, GateEnd.Released);
            }
        }
    }

    private void Expire(long now)
    {
        foreach (GateCall call in _calls.Values.Where(call => call.IsWaiting && call.DeadlineNs <= now).ToArray())
        {
            Fail(call, _inbox.IsAuditorUp ? GateFailure.Expired : GateFailure.NoAuditor, now);
        }

        foreach (GateConnection connection in _doubtful.ToArray())
        {
            if (
                connection.Answers is { IsHolding: true, WaitsForAny: true }
                && now - connection.Answers.HeldSince > s_longestDoubt
            )
            {
                Lose(connection, GateFailure.TooLarge);
            }
        }
    }

    /// <summary>A connection holds the beginning of a request.</summary>
    internal void NoteUnfinished(GateConnection connection) => _unfinished.Add(connection);

    // Who does not end a request does not have it waited for longer than for a verdict.
    private void ExpireUnfinished(long now)
    {
        foreach (GateConnection connection in _unfinished.ToArray())
        {
            if (
                connection is { IsFollowed: true, Calls.UnfinishedSince: { } since }
                && RulesOf(connection) is { } rules
                && now - since > (long)rules.LongestHold.TotalNanoseconds
            )
            {
                Lose(connection, GateFailure.Unfinished);
            }

            if (!connection.IsFollowed || !connection.Calls.IsInMessage)
            {
                _unfinished.Remove(connection);
            }
        }
    }

    private GateCall[] CallsOf(GateConnection connection) =>
        _calls.Count == 0
            ? []
            :
            [
                .. _calls.Values.Where(call =>
                    call.AnswerConnection == connection
                    || (call.Connection == connection && connection.Requests.Contains(call.Request))
                ),
            ];

    private void Tell(GateCall call, GateEnd end)
    {
        if (call.IsTold)
        {
            return;
        }

        call.IsTold = true;
        _awaited.Remove(call);
        _calls.Remove(call.Key);
        string audit = call.Rules.Audit!.Name;
        var ended = new GateEnded
        {
            Key = call.Key,
            Held =
                call.HeldNs == 0 ? GateHeld.Nothing
                : call.Rules.IsIrreversible ? GateHeld.Call
                : GateHeld.Result,
            End = end,
            HeldNs = call.HeldNs == 0 ? 0 : (ulong)Math.Max(0, Stopwatch.GetTimestamp() - call.HeldNs),
            AfterVerdictNs = call.ArrivedAt == 0 ? 0 : (ulong)Stopwatch.GetElapsedTime(call.ArrivedAt).TotalNanoseconds,
            Failure = call.Failure,
        };
        Counts.HoldEnded(audit);
        Counts.CallEnded(
            call.Verdict is { Audit.Length: > 0 } verdict ? verdict.Audit : audit,
            ended,
            call.Failure == GateFailure.Expired
        );
        if (call.IsAsked)
        {
            _toTell.Add(ended);
        }
    }
}
