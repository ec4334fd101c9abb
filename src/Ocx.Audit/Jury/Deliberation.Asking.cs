using Ocx.Audit.Rehearsals;

namespace Ocx.Audit.Jury;

/// <summary>How jurors are asked: at once, or when the rehearsal is over.</summary>
internal sealed partial class Deliberation
{
    // Before anybody is asked: what is decided at once stops it.
    private void SetDeadline()
    {
        lock (_lock)
        {
            _timers.Add(Timer(static (state, _) => state.EndByDeadline(), 0, Rules.Deadline));
        }
    }

    // A juror's time begins. One whose limit is not before the deadline needs no timer: the deadline ends its time.
    private bool TryBegin(int seat)
    {
        lock (_lock)
        {
            if (_over)
            {
                return false;
            }

            _asked[seat] = _panel.Time.GetTimestamp();
            TimeSpan limit = _seats[seat].TimeLimit;
            if (Elapsed() + limit < Rules.Deadline)
            {
                _timers.Add(Timer(static (state, seat) => state.Fail(seat, JurorFailure.Timeout), seat, limit));
            }

            return true;
        }
    }

    // Ends when the rehearsal is over, at the verdict at the latest.
    private async Task AskBehindAsync(Witness witness, int seat) =>
        Ask(seat, await witness.Evidence.ConfigureAwait(false));

    private ITimer Timer(Action<Deliberation, int> action, int seat, TimeSpan due) =>
        _panel.Time.CreateTimer(_ => action(this, seat), null, due, System.Threading.Timeout.InfiniteTimeSpan);

    private void Ask(int seat, RehearsalEvidence? evidence)
    {
        if (!TryBegin(seat))
        {
            return;
        }

        if (!IsWitness(seat) && !_panel.TryEnter(seat))
        {
            Fail(seat, JurorFailure.Busy);
            return;
        }

        // On a thread of its own from the first instruction: it may block before it returns a task.
        _ = Task.Run(() => AskAsync(seat, evidence));
    }

    private bool IsWitness(int seat) => seat == Rules.Seats.Count;

    private async Task AskAsync(int seat, RehearsalEvidence? evidence)
    {
        try
        {
            IJuror juror = _seats[seat].Juror;
            CancellationToken token = _cancellations[seat].Token;
            Vote vote = evidence is null
                ? await juror.JudgeAsync(_intent, token).ConfigureAwait(false)
                : await juror.JudgeAsync(_intent, evidence, token).ConfigureAwait(false);
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
            if (!IsWitness(seat))
            {
                _panel.Leave(seat);
            }
        }
    }
}
