using Ocx.Audit.Intents;

namespace Ocx.Audit.Jury;

/// <summary>A jury's work on one call.</summary>
internal sealed class Deliberation
{
    private readonly JuryPanel _panel;
    private readonly Intent _intent;
    private readonly long _start;
    private readonly Lock _lock = new();
    private readonly JurorVote?[] _votes;

    // Without timers and wait handles of their own, so that they need no disposal: a juror may keep its token for ever.
    private readonly CancellationTokenSource[] _cancellations;
    private readonly List<ITimer> _timers = [];
    private readonly TaskCompletionSource<Verdict> _verdict = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Tally _tally;
    private int _pending;
    private bool _over;

    public Deliberation(JuryPanel panel, Intent intent)
    {
        _panel = panel;
        _intent = intent;
        _start = panel.Time.GetTimestamp();
        _pending = Rules.Seats.Count;
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

        SetTimers();
        for (int seat = 0; seat < _votes.Length; seat++)
        {
            Ask(seat);
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

    private TimeSpan Elapsed() => _panel.Time.GetElapsedTime(_start);

    // A juror whose limit is not before the deadline needs no timer: the deadline ends its time.
    private void SetTimers()
    {
        lock (_lock)
        {
            _timers.Add(Timer(static (state, _) => state.EndByDeadline(), 0, Rules.Deadline));
            for (int seat = 0; seat < _votes.Length; seat++)
            {
                if (Rules.Seats[seat].TimeLimit < Rules.Deadline)
                {
                    _timers.Add(
                        Timer(
                            static (state, seat) => state.Fail(seat, JurorFailure.Timeout),
                            seat,
                            Rules.Seats[seat].TimeLimit
                        )
                    );
                }
            }
        }
    }

    private ITimer Timer(Action<Deliberation, int> action, int seat, TimeSpan due) =>
        _panel.Time.CreateTimer(_ => action(this, seat), null, due, System.Threading.Timeout.InfiniteTimeSpan);

    private void Ask(int seat)
    {
        lock (_lock)
        {
            if (_over)
            {
                return;
            }
        }

        if (!_panel.TryEnter(seat))
        {
            Fail(seat, JurorFailure.Busy);
            return;
        }

        // On a thread of its own from the first instruction: it may block before it returns a task.
        _ = Task.Run(() => AskAsync(seat));
    }

    private async Task AskAsync(int seat)
    {
        try
        {
            Vote vote = await Rules
                .Seats[seat]
                .Juror.JudgeAsync(_intent, _cancellations[seat].Token)
                .ConfigureAwait(false);
            if (Enum.IsDefined(vote.Ballot))
            {
                Enter(seat, vote, null);
            }
            else
            {
                Fail(seat, JurorFailure.Invalid);
            }
        }
        catch (JurorException failure)
        {
            Fail(seat, failure.Message);
        }
        catch (Exception failure)
        {
            Fail(seat, failure.GetType().Name);
        }
        finally
        {
            _panel.Leave(seat);
        }
    }

    private void Fail(int seat, string failure) =>
        Enter(seat, new Vote(Rules.Seats[seat].OnFailure, string.Empty), failure);

    // The clock counts, not the timers: those come late on a busy machine.
    private void Enter(int seat, Vote vote, string? failure)
    {
        lock (_lock)
        {
            TimeSpan took = Elapsed();
            if (_over || _votes[seat] is not null)
            {
                return;
            }

            if (took >= Rules.Deadline)
            {
                EndByDeadline();
                return;
            }

            if (took >= Rules.Seats[seat].TimeLimit && failure is null)
            {
                (vote, failure) = (new Vote(Rules.Seats[seat].OnFailure, string.Empty), JurorFailure.Timeout);
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

            string reason = Reasons.Deadline(Rules, _votes);
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
                Set(seat, new Vote(missed, string.Empty), took, missing);
                Cancel(seat);
            }
        }

        Stop();
        _verdict.SetResult(new Verdict(outcome, reason, [.. _votes.Select(vote => vote!)], took));
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
            Rules.Seats[seat].Juror.Name,
            vote with
            {
                Reason = reason,
            },
            took,
            failure is null ? null : Reasons.Bound(failure)
        );
        _tally = _tally.With(vote.Ballot);
        _pending--;
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
