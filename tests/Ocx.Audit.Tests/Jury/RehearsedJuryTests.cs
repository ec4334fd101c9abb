using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Rehearsals;
using Ocx.Audit.Tests.Rehearsals;

namespace Ocx.Audit.Tests.Jury;

/// <summary>A jury on a call that is rehearsed.</summary>
public sealed class RehearsedJuryTests : JuryTests
{
    private readonly TaskCompletionSource<RehearsalEvidence> _rehearsal = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_rehearsal_abstains_and_says_what_it_showed()
    {
        _rehearsal.SetResult(Evidence.Wholesale);
        Verdict verdict = await Panel(Seat(TestJuror.Says("policy", Ballot.Release)))
            .JudgeAsync(Call, Rehearsal(), Stop);
        Assert.Equal((Outcome.Released, Evidence.Wholesale.Outcome), (verdict.Outcome, verdict.Evidence!.Outcome));
        JurorVote vote = verdict.Votes[^1];
        Assert.Equal((CallRehearsal.Juror, Ballot.Abstain), (vote.Juror, vote.Vote.Ballot));
        Assert.StartsWith("would delete 5000 rows", vote.Vote.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_looks_at_evidence_is_asked_when_it_is_there_and_the_others_at_once()
    {
        var atOnce = new TaskCompletionSource();
        var looks = new Looks(evidence => new Vote(Ballot.Refuse, RehearsalSummary.Of(evidence).WouldDo()!));
        var others = new TestJuror(
            "others",
            _ =>
            {
                atOnce.SetResult();
                return new ValueTask<Vote>(new Vote(Ballot.Release, ""));
            }
        );
        Task<Verdict> judged = Panel(Seat(looks), Seat(others)).JudgeAsync(Call, Rehearsal(), Stop);
        await atOnce.Task;
        Assert.False(looks.WasAsked);
        _rehearsal.SetResult(Evidence.Wholesale);
        Verdict verdict = await judged;
        Assert.Equal(Outcome.Refused, verdict.Outcome);
        Assert.Equal("looks: would delete 5000 rows, write 1 key", verdict.Reason);
    }

    [Fact]
    public async Task A_jurors_time_begins_with_the_evidence()
    {
        var looks = new Looks(null);
        Task<Verdict> judged = Panel(Seat(looks, seconds: 2, onFailure: Ballot.Refuse))
            .JudgeAsync(Call, Rehearsal(), Stop);
        Time.Advance(TimeSpan.FromSeconds(3));
        _rehearsal.SetResult(Evidence.Wholesale);
        await Until(() => looks.WasAsked);
        Time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(judged.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(0.1));
        Verdict verdict = await judged;
        Assert.Equal(
            (JurorFailure.Timeout, TimeSpan.FromSeconds(2)),
            (verdict.Votes[0].Failure, verdict.Votes[0].Took)
        );
    }

    [Theory]
    [InlineData(Ballot.Hold, Outcome.Held)]
    [InlineData(Ballot.Refuse, Outcome.Refused)]
    [InlineData(Ballot.Abstain, Outcome.Released)]
    public async Task A_rehearsal_that_fails_votes_as_the_audit_says(Ballot onFailure, Outcome outcome)
    {
        _rehearsal.SetResult(RehearsalEvidence.None(RehearsalFailure.NoShadow));
        Verdict verdict = await Panel(Seat(TestJuror.Says("policy", Ballot.Release)))
            .JudgeAsync(Call, Rehearsal(onFailure), Stop);
        Assert.Equal((outcome, "no shadow ready"), (verdict.Outcome, verdict.Votes[^1].Failure));
        Assert.Equal(RehearsalFailure.NoShadow, verdict.Evidence!.Failure);
    }

    [Fact]
    public async Task A_rehearsal_that_throws_has_failed_and_its_words_are_kept_out()
    {
        _rehearsal.SetException(new InvalidOperationException("password=hunter2"));
        Verdict verdict = await Panel(Seat(new Looks(evidence => new Vote(Ballot.Hold, evidence.Failure!))))
            .JudgeAsync(Call, Rehearsal(), Stop);
        Assert.Equal("InvalidOperationException", verdict.Votes[^1].Failure);
        Assert.Equal("error", verdict.Votes[0].Vote.Reason);
    }

    [Fact]
    public async Task Who_waits_for_a_rehearsal_that_hangs_is_asked_when_its_time_is_over()
    {
        var looks = new Looks(evidence => new Vote(Ballot.Hold, $"{evidence.Outcome}: {evidence.Failure}"));
        Task<Verdict> judged = Panel(Seat(looks)).JudgeAsync(Call, Rehearsal(Ballot.Abstain, seconds: 4), Stop);
        Time.Advance(TimeSpan.FromSeconds(4));
        Verdict verdict = await judged;
        Assert.Equal("looks: TimedOut: timeout", verdict.Reason);

        // It comes late, and changes nothing.
        _rehearsal.SetResult(Evidence.Wholesale);
        Assert.Equal(RehearsalOutcome.TimedOut, verdict.Evidence!.Outcome);
    }

    [Fact]
    public async Task A_verdict_that_needs_no_evidence_does_not_wait_and_ends_the_rehearsal()
    {
        var cancelled = new TaskCompletionSource();
        var rehearsal = new CallRehearsal(
            async token =>
            {
                try
                {
                    return await _rehearsal.Task.WaitAsync(token);
                }
                catch (OperationCanceledException)
                {
                    cancelled.SetResult();
                    throw;
                }
            },
            TimeSpan.FromSeconds(9),
            Ballot.Hold
        );
        var looks = new Looks(null);
        Verdict verdict = await Panel(Seat(looks), Seat(TestJuror.Says("policy", Ballot.Refuse, "never")))
            .JudgeAsync(Call, rehearsal, Stop);
        Assert.Equal((Outcome.Refused, "policy: never"), (verdict.Outcome, verdict.Reason));
        Assert.Equal(RehearsalFailure.NotWaitedFor, verdict.Evidence!.Failure);
        await cancelled.Task.WaitAsync(TimeSpan.FromMinutes(1), Stop);
        Assert.False(looks.WasAsked);
    }

    [Fact]
    public async Task At_the_deadline_those_who_waited_are_named()
    {
        Task<Verdict> judged = Panel(Seat(new Looks(null))).JudgeAsync(Call, Rehearsal(seconds: 60), Stop);
        Time.Advance(TimeSpan.FromSeconds(10));
        Verdict verdict = await judged;
        Assert.Equal(Outcome.Expired, verdict.Outcome);
        Assert.Equal("not decided within 10 s: no vote from looks, rehearsal", verdict.Reason);
        Assert.Equal(RehearsalFailure.Timeout, verdict.Evidence!.Failure);
    }

    [Fact]
    public async Task A_call_that_is_not_rehearsed_is_judged_as_ever()
    {
        Verdict verdict = await Panel(Seat(TestJuror.Says("policy", Ballot.Release))).JudgeAsync(Call, Stop);
        Assert.Null(verdict.Evidence);
        Assert.Single(verdict.Votes);
    }

    [Fact]
    public void No_juror_has_the_rehearsals_name() =>
        Assert.Contains(
            "that is the rehearsal's own vote",
            Assert
                .Throws<ArgumentException>(() => Panel(Seat(TestJuror.Says(CallRehearsal.Juror, Ballot.Release))))
                .Message,
            StringComparison.Ordinal
        );

    private CallRehearsal Rehearsal(Ballot onFailure = Ballot.Hold, double seconds = 8) =>
        new(_ => _rehearsal.Task, TimeSpan.FromSeconds(seconds), onFailure);

    /// <summary>Looks at evidence; without an answer it never votes.</summary>
    private sealed class Looks(Func<RehearsalEvidence, Vote>? answer) : IJuror
    {
        private volatile bool _wasAsked;

        public bool WasAsked => _wasAsked;

        public string Name => "looks";

        public bool WantsEvidence => true;

        public ValueTask<Vote> JudgeAsync(Intent intent, CancellationToken cancellation) =>
            throw new InvalidOperationException("it was asked without evidence");

        public ValueTask<Vote> JudgeAsync(Intent intent, RehearsalEvidence evidence, CancellationToken cancellation)
        {
            _wasAsked = true;
            return answer is null
                ? new ValueTask<Vote>(new TaskCompletionSource<Vote>().Task)
                : ValueTask.FromResult(answer(evidence));
        }
    }
}
