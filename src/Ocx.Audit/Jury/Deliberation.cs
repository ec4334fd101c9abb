using Ocx.Audit.Intents;

namespace Ocx.Audit.Jury;

/// <summary>A jury's work on one call.</summary>
internal sealed partial class Deliberation
{
    private readonly JuryPanel _panel;
    private readonly Intent _intent;
    private readonly long _start;
    private readonly Lock _lock = new();

    // The audit's seats, and behind them that of the rehearsal.
    private readonly IReadOnlyList<Seat> _seats;
    private readonly Witness? _witness;
    private readonly JurorVote?[] _votes;

    // When each was asked; those who wait for evidence are not asked at once.
    private readonly long?[] _asked;

    // Without timers and wait handles of their own, so that they need no disposal: a juror may keep its token for ever.
    private readonly CancellationTokenSource[] _cancellations;
    private readonly List<ITimer> _timers = [];
    private readonly TaskCompletionSource<Verdict> _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Tally _tally;
    private int _pending;
    private bool _over;

    public Deliberation(JuryPanel panel, Intent intent, CallRehearsal? rehearsal)
    {
        _panel = panel;
        _intent = intent;
        _start = panel.Time.GetTimestamp();
        _witness = rehearsal is null ? null : new Witness(rehearsal);
        _seats = rehearsal is null
            ? Rules.Seats
            : [.. Rules.Seats, new Seat(_witness!, rehearsal.TimeLimit, rehearsal.OnFailure)];
        _pending = _seats.Count;
        _asked = new long?[_pending];
        _votes = new JurorVote?[_pending];
        _cancellations = new CancellationTokenSource[_pending];
    }

    private JuryRules Rules => _panel.Rules;

    public async Task<Verdict> RunAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_pending == 0)
        {
            return new Verdict(Rules.WithoutVotes(_intent.Class), Reasons.NoVotes(_intent.Class), [], Elapsed());
        }

        for (int seat = 0; seat < _cancellations.Length; seat++)
        {
            _cancellations[seat] = new CancellationTokenSource();
        }

        SetDeadline();
        for (int seat = 0; seat < _votes.Length; seat++)
        {
            if (_witness is not null && _seats[seat].Juror.WantsEvidence)
            {
                _ = AskBehindAsync(_witness, seat);
            }
            else
            {
                Ask(seat, null);
            }
        }

        CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static (state, token) => ((Deliberation)state!).Abandon(token),
            this
        );
        await using (registration.ConfigureAwait(false))
        {
            return await _verdict.Task.ConfigureAwait(false);
        }
    }

    // From the question, or of one that was not asked from the beginning.
    private TimeSpan Took(int seat) => _panel.Time.GetElapsedTime(_asked[seat] ?? _start);

    private TimeSpan Elapsed() => _panel.Time.GetElapsedTime(_start);

    private void Fail(int seat, string failure) => Enter(seat, new Vote(_seats[seat].OnFailure, string.Empty), failure);

    // The clock counts, not the timers: those come late on a busy machine.
    private void Enter(int seat, Vote vote, string? failure)
    {
        lock (_lock)
        {
            if (_over || _votes[seat] is not null)
            {
                return;
            }

            if (Elapsed() >= Rules.Deadline)
            {
                EndByDeadline();
                return;
            }

            TimeSpan took = Took(seat);
            if (took >= _seats[seat].TimeLimit && failure is null)
            {
                (vote, failure) = (new Vote(_seats[seat].OnFailure, string.Empty), JurorFailure.Timeout);
            }

            Set(seat, vote, took, failure);
            if (failure == JurorFailure.Timeout)
            {
                Cancel(seat);
            }

            if (_tally.Decide(Rules.Quorum, _pending) is { } outcome)
            {
                End(outcome, Reasons.Of(outcome, _votes), JurorFailure.NotWaitedFor);
            }
            else if (_pending == 0)
            {
                End(Rules.WithoutVotes(_intent.Class), Reasons.NoVotes(_intent.Class), JurorFailure.NotWaitedFor);
            }
        }
    }

    private void EndByDeadline()
    {
        lock (_lock)
        {
            if (_over)
            {
                return;
            }

            string reason = Reasons.Deadline(Rules, _seats, _votes);
            if (Rules.OnDeadline == Ballot.Release)
            {
                Outcome outcome = _tally.With(Ballot.Release, _pending).Decide(Rules.Quorum)!.Value;
                reason = outcome == Outcome.Released ? reason : Reasons.Of(outcome, _votes);
                End(outcome, reason, JurorFailure.Deadline, Ballot.Release);
            }
            else
            {
                End(Outcome.Expired, reason, JurorFailure.Deadline);
            }
        }
    }

    // Under the lock; the verdict's reader goes on elsewhere, as do those whose tokens are cancelled.
    private void End(Outcome outcome, string reason, string missing, Ballot missed = Ballot.Abstain)
    {
        TimeSpan took = Elapsed();
        for (int seat = 0; seat < _votes.Length; seat++)
        {
            if (_votes[seat] is null)
            {
                Set(seat, new Vote(missed, string.Empty), Took(seat), missing);
                Cancel(seat);
            }
        }

        Stop();
        _verdict.SetResult(
            new Verdict(outcome, reason, [.. _votes.Select(vote => vote!)], took)
            {
                Evidence = _witness?.Evidence.Result,
            }
        );
    }

    private void Abandon(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_over)
            {
                return;
            }

            for (int seat = 0; seat < _votes.Length; seat++)
            {
                Cancel(seat);
            }

            Stop();
            _verdict.SetCanceled(cancellation);
        }
    }

    private void Set(int seat, Vote vote, TimeSpan took, string? failure)
    {
        string reason = Reasons.Bound(vote.Reason);
        _votes[seat] = new JurorVote(
            _seats[seat].Juror.Name,
            vote with
            {
                Reason = reason,
            },
            took,
            failure is null ? null : Reasons.Bound(failure)
        );
        _tally = _tally.With(vote.Ballot);
        _pending--;
        if (IsWitness(seat) && failure is not null)
        {
            _witness!.Fail(failure, took); // unless it gave evidence before
        }
    }

    private void Stop()
    {
        _over = true;
        _timers.ForEach(timer => timer.Dispose());
    }

    // What a juror registered on its token runs elsewhere, and what that throws is nobody's.
    private void Cancel(int seat) =>
        _cancellations[seat]
            .CancelAsync()
            .ContinueWith(
                static task => _ = task.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
}
