using Ocx.Audit.Intents;
using Ocx.Audit.Rehearsals;

namespace Ocx.Audit.Jury;

/// <summary>A rehearsal in its seat: it abstains with what it showed as its reason, or fails.</summary>
internal sealed class Witness(CallRehearsal rehearsal) : IJuror
{
    private readonly TaskCompletionSource<RehearsalEvidence> _evidence = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public string Name => CallRehearsal.Juror;

    /// <summary>What it showed; that it failed, when it was not over in time.</summary>
    public Task<RehearsalEvidence> Evidence => _evidence.Task;

    public async ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation)
    {
        RehearsalEvidence evidence = BoundedEvidence.Of(await rehearsal.Rehearse(cancellation).ConfigureAwait(false));
        return _evidence.TrySetResult(evidence) && evidence.IsWhole
            ? new Vote(Ballot.Abstain, RehearsalSummary.Of(evidence).ToString())
            : throw new JurorException(evidence.Failure ?? RehearsalFailure.Error);
    }

    /// <summary>It is over without evidence, or has failed with some.</summary>
    public void Fail(string failure, TimeSpan took)
    {
        bool isLate = failure is JurorFailure.Timeout or JurorFailure.Deadline;
        _evidence.TrySetResult(
            RehearsalEvidence.None(isLate ? RehearsalFailure.Timeout : RehearsalFailure.KindOf(failure), took) with
            {
                Outcome = isLate ? RehearsalOutcome.TimedOut : RehearsalOutcome.NotRehearsed,
            }
        );
    }
}
