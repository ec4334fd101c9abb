using Ocx.Audit.Jury;

namespace Ocx.Audit.Tests.Jury;

public class JuryTimeTests : JuryTests
{
    private readonly TaskCompletionSource<Vote> _never = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_juror_that_hangs_and_ignores_its_token_fails_at_its_own_limit()
    {
        Task<Verdict> judged = Panel(
                Seat(TestJuror.Says("policy", Ballot.Release)),
                Seat(TestJuror.Waits("webhook", _never), seconds: 2, onFailure: Ballot.Hold)
            )
            .JudgeAsync(Call, Stop);
        Time.Advance(TimeSpan.FromSeconds(1.999));
        Assert.False(judged.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(0.001));
        Verdict verdict = await judged;
        Assert.Equal(Outcome.Held, verdict.Outcome);
        Assert.Equal(JurorFailure.Timeout, verdict.Votes[1].Failure);
        Assert.Equal(TimeSpan.FromSeconds(2), verdict.Votes[1].Took);
        Assert.Equal("webhook failed (timeout), which counts as hold", verdict.Reason);
    }

    [Fact]
    public async Task A_juror_that_blocks_its_thread_delays_nobody()
    {
        using var gate = new ManualResetEventSlim();
        var blocks = new TestJuror(
            "blocks",
            _ =>
            {
                gate.Wait(CancellationToken.None);
                return new ValueTask<Vote>(Vote.Abstain);
            }
        );
        JuryPanel panel = Panel(Seat(blocks, seconds: 1, onFailure: Ballot.Refuse));
        try
        {
            Task<Verdict> judged = panel.JudgeAsync(Call, Stop);
            Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(Outcome.Refused, (await judged).Outcome);
        }
        finally
        {
            gate.Set();
        }

        await Until(() => panel.UnderWay(0) == 0);
    }

    [Fact]
    public async Task A_deadline_that_refuses_makes_an_undecided_call_expire_and_says_who_was_missing()
    {
        JuryPanel panel = Panel(
            Seat(TestJuror.Says("policy", Ballot.Release)),
            Seat(TestJuror.Waits("webhook", _never)),
            Seat(TestJuror.Waits("model", new TaskCompletionSource<Vote>()))
        );
        Task<Verdict> judged = panel.JudgeAsync(Call, Stop);
        await AdvanceToDeadline(panel);
        Verdict verdict = await judged;
        Assert.Equal(Outcome.Expired, verdict.Outcome);
        Assert.Equal("not decided within 10 s: no vote from webhook, model", verdict.Reason);
        Assert.Equal([null, JurorFailure.Deadline, JurorFailure.Deadline], verdict.Votes.Select(vote => vote.Failure));
        Assert.Equal(TimeSpan.FromSeconds(10), verdict.Took);
    }

    [Theory]
    [InlineData(Quorum.AnyRefuses, Ballot.Release, Outcome.Released)]
    [InlineData(Quorum.AnyRefuses, Ballot.Abstain, Outcome.Released)]
    [InlineData(Quorum.AnyRefuses, Ballot.Hold, Outcome.Held)]
    [InlineData(Quorum.Majority, Ballot.Refuse, Outcome.Held)]
    [InlineData(Quorum.Majority, Ballot.Release, Outcome.Released)]
    [InlineData(Quorum.Unanimous, Ballot.Refuse, Outcome.Held)]
    public async Task A_deadline_that_releases_forgets_no_vote_against_the_call(
        Quorum quorum,
        Ballot cast,
        Outcome outcome
    )
    {
        JuryPanel panel = Panel(
            Rules with
            {
                Quorum = quorum,
                OnDeadline = Ballot.Release,
            },
            Seat(TestJuror.Says("policy", cast, "because")),
            Seat(TestJuror.Waits("webhook", _never))
        );
        Task<Verdict> judged = panel.JudgeAsync(Call, Stop);
        await AdvanceToDeadline(panel);
        Verdict verdict = await judged;
        Assert.Equal(outcome, verdict.Outcome);
        Assert.Equal(new Vote(Ballot.Release, ""), verdict.Votes[1].Vote);
        Assert.Equal(JurorFailure.Deadline, verdict.Votes[1].Failure);
        Assert.Contains(
            outcome == Outcome.Released ? "no vote from webhook, which counts as release" : "policy: because",
            verdict.Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_vote_after_the_deadline_changes_nothing_even_where_the_timers_are_late()
    {
        var late = new TaskCompletionSource<Vote>();
        var time = new LateTimers();
        var panel = new JuryPanel(Rules with { Seats = [Seat(TestJuror.Waits("late", late))] }, time);
        Task<Verdict> judged = panel.JudgeAsync(Call, Stop);
        time.Now = TimeSpan.FromSeconds(10).Ticks;
        late.SetResult(new Vote(Ballot.Release, "at last"));
        Assert.Equal(Outcome.Expired, (await judged).Outcome);
    }

    [Fact]
    public async Task A_vote_after_its_own_limit_is_a_failure_even_where_the_timers_are_late()
    {
        var late = new TaskCompletionSource<Vote>();
        var time = new LateTimers();
        Seat seat = Seat(TestJuror.Waits("late", late), seconds: 1, onFailure: Ballot.Refuse);
        Task<Verdict> judged = new JuryPanel(Rules with { Seats = [seat] }, time).JudgeAsync(Call, Stop);
        time.Now = TimeSpan.FromSeconds(1).Ticks;
        late.SetResult(new Vote(Ballot.Release, "at last"));
        Verdict verdict = await judged;
        Assert.Equal((Outcome.Refused, JurorFailure.Timeout), (verdict.Outcome, verdict.Votes[0].Failure));
    }

    [Fact]
    public async Task A_juror_that_hangs_costs_a_bounded_number_of_calls_and_is_busy_then()
    {
        int asked = 0;
        var hangs = new TestJuror(
            "hangs",
            _ =>
            {
                Interlocked.Increment(ref asked);
                return new ValueTask<Vote>(_never.Task);
            }
        );
        JuryPanel panel = Panel(Seat(hangs, 1, Ballot.Hold) with { MaxUnderWay = 3 });
        Task<Verdict>[] first = [.. Enumerable.Range(0, 3).Select(_ => panel.JudgeAsync(Call, Stop))];
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.All(await Task.WhenAll(first), verdict => Assert.Equal(Outcome.Held, verdict.Outcome));

        for (int call = 0; call < 100; call++)
        {
            Verdict verdict = await panel.JudgeAsync(Call, Stop);
            Assert.Equal((Outcome.Held, JurorFailure.Busy), (verdict.Outcome, verdict.Votes[0].Failure));
        }

        await Until(() => Volatile.Read(ref asked) == 3);
        _never.SetResult(new Vote(Ballot.Release, "late"));
        await Until(() => panel.UnderWay(0) == 0);
        Assert.Equal(Outcome.Released, (await panel.JudgeAsync(Call, Stop)).Outcome);
        Assert.Equal(4, asked);
    }

    [Fact]
    public async Task What_a_juror_does_when_it_is_told_to_stop_delays_nobody_and_its_errors_are_nobodys()
    {
        using var gate = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stubborn = new TestJuror(
            "stubborn",
            async token =>
            {
                token.Register(() =>
                {
                    gate.Wait(CancellationToken.None);
                    throw new InvalidOperationException();
                });
                begun.SetResult();
                return await _never.Task;
            }
        );
        try
        {
            Task<Verdict> judged = Panel(Seat(stubborn, seconds: 1, onFailure: Ballot.Hold)).JudgeAsync(Call, Stop);
            await begun.Task;
            Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(Outcome.Held, (await judged).Outcome);
        }
        finally
        {
            gate.Set();
        }
    }

    // The vote that needs no time is in, and then time passes.
    private async Task AdvanceToDeadline(JuryPanel panel)
    {
        await Until(() => panel.UnderWay(0) == 0);
        Time.Advance(panel.Rules.Deadline);
    }

    /// <summary>A busy machine: time passes, and no timer comes.</summary>
    private sealed class LateTimers : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan due, TimeSpan period) =>
            new NoTimer();

        private sealed class NoTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
