using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Outcome = Ocx.Audit.Jury.Outcome;

namespace Ocx.Audit.Tests.Jury;

public class JuryPanelTests : JuryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_votes_stand_in_the_verdict_in_the_audits_order()
    {
        Verdict verdict = await Panel(
                Seat(TestJuror.Says("policy", Ballot.Release, "rule 3 allows it")),
                Seat(TestJuror.Says("signal", Ballot.Abstain)),
                Seat(TestJuror.Says("model", Ballot.Release))
            )
            .JudgeAsync(Call, Stop);

        Assert.Equal(Outcome.Released, verdict.Outcome);
        Assert.Equal(["policy", "signal", "model"], verdict.Votes.Select(vote => vote.Juror));
        Assert.All(verdict.Votes, vote => Assert.Null(vote.Failure));
        Assert.Equal("policy: rule 3 allows it; model votes to release", verdict.Reason);
    }

    [Fact]
    public async Task A_refusal_decides_at_once_where_one_is_enough()
    {
        var slow = TestJuror.Waits("slow", new TaskCompletionSource<Vote>());
        Verdict verdict = await Panel(
                Seat(slow, onFailure: Ballot.Hold),
                Seat(TestJuror.Says("policy", Ballot.Refuse, "deletes 5000 rows"))
            )
            .JudgeAsync(Call, Stop);

        Assert.Equal(Outcome.Refused, verdict.Outcome);
        Assert.Equal("policy: deletes 5000 rows", verdict.Reason);
        Assert.Equal(JurorFailure.NotWaitedFor, verdict.Votes[0].Failure);
        Assert.Equal(Ballot.Abstain, verdict.Votes[0].Vote.Ballot);
    }

    [Fact]
    public async Task A_juror_under_way_is_told_that_nobody_waits_for_it_any_more()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new TestJuror(
            "slow",
            async token =>
            {
                token.Register(told.SetResult);
                begun.SetResult();
                await told.Task;
                throw new OperationCanceledException(token);
            }
        );
        var refusal = new TaskCompletionSource<Vote>();
        JuryPanel panel = Panel(Seat(slow), Seat(TestJuror.Waits("policy", refusal)));
        Task<Verdict> verdict = panel.JudgeAsync(Call, Stop);
        await begun.Task;
        refusal.SetResult(new Vote(Ballot.Refuse, "no"));
        Assert.Equal(Outcome.Refused, (await verdict).Outcome);
        await told.Task.WaitAsync(Stop);
        await Until(() => panel.UnderWay(0) == 0);
    }

    [Theory]
    [InlineData(Ballot.Abstain, Outcome.Released)]
    [InlineData(Ballot.Hold, Outcome.Held)]
    [InlineData(Ballot.Refuse, Outcome.Refused)]
    public async Task A_juror_that_fails_votes_as_the_audit_says(Ballot onFailure, Outcome outcome)
    {
        Verdict verdict = await Panel(
                Seat(TestJuror.Says("policy", Ballot.Release)),
                Seat(TestJuror.Throws("webhook", new JurorException("HTTP 503")), onFailure: onFailure)
            )
            .JudgeAsync(Call, Stop);
        Assert.Equal(outcome, verdict.Outcome);
        Assert.Equal(onFailure, verdict.Votes[1].Vote.Ballot);
        Assert.Equal("HTTP 503", verdict.Votes[1].Failure);
        Assert.Equal(
            onFailure != Ballot.Abstain,
            verdict.Reason.StartsWith("webhook failed (HTTP 503), which counts as", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task What_an_unforeseen_error_says_is_kept_out_of_the_verdict()
    {
        var error = new InvalidOperationException("unexpected token 'hunter2'");
        Verdict verdict = await Panel(Seat(TestJuror.Throws("webhook", error), onFailure: Ballot.Refuse))
            .JudgeAsync(Call, Stop);
        Assert.Equal(nameof(InvalidOperationException), verdict.Votes[0].Failure);
        Assert.DoesNotContain("hunter2", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vote_that_is_none_is_a_failure()
    {
        Verdict verdict = await Panel(Seat(TestJuror.Says("odd", (Ballot)77), onFailure: Ballot.Refuse))
            .JudgeAsync(Call, Stop);
        Assert.Equal(Outcome.Refused, verdict.Outcome);
        Assert.Equal(JurorFailure.Invalid, verdict.Votes[0].Failure);
    }

    [Fact]
    public async Task Reasons_are_bounded_and_cut_between_characters()
    {
        string text = new string('a', 510) + "😀😀";
        Verdict verdict = await Panel(
                Seat(TestJuror.Says("one", Ballot.Refuse, text)),
                Seat(TestJuror.Throws("two", new JurorException(text)))
            )
            .JudgeAsync(Call, Stop);
        Assert.Equal(new string('a', 510) + "…", verdict.Votes[0].Vote.Reason);
        Assert.InRange(verdict.Reason.Length, 1, 512);
        Assert.InRange(verdict.Votes[1].Failure!.Length, 1, 512);
    }

    [Fact]
    public async Task A_vote_without_a_reason_is_as_good()
    {
        Verdict verdict = await Panel(Seat(new TestJuror("a", _ => new(new Vote(Ballot.Refuse, null!)))))
            .JudgeAsync(Call, Stop);
        Assert.Equal("a votes to refuse", verdict.Reason);
    }

    [Theory]
    [InlineData(CallClass.Irreversible, null, Outcome.Held)]
    [InlineData(CallClass.Reversible, null, Outcome.Released)]
    [InlineData(CallClass.Reversible, Ballot.Refuse, Outcome.Refused)]
    [InlineData(CallClass.Reversible, Ballot.Hold, Outcome.Held)]
    [InlineData(CallClass.Irreversible, Ballot.Release, Outcome.Released)]
    public async Task Where_nobody_votes_it_goes_by_the_audit_or_else_by_the_class(
        CallClass of,
        Ballot? onNoVotes,
        Outcome outcome
    )
    {
        JuryRules rules = Rules with { OnNoVotes = onNoVotes };
        Intent intent = Call with { Class = of };
        JuryPanel silent = Panel(
            rules,
            Seat(TestJuror.Says("signal", Ballot.Abstain)),
            Seat(TestJuror.Throws("webhook", new JurorException("down")))
        );
        Assert.Equal(outcome, (await silent.JudgeAsync(intent, Stop)).Outcome);
        Assert.Equal(outcome, (await Panel(rules).JudgeAsync(intent, Stop)).Outcome);
    }

    [Fact]
    public async Task A_jury_that_does_not_agree_says_who_wanted_what()
    {
        Verdict verdict = await Panel(
                Rules with
                {
                    Quorum = Quorum.Majority,
                },
                Seat(TestJuror.Says("policy", Ballot.Release, "reads only")),
                Seat(TestJuror.Says("model", Ballot.Refuse, "asks for a password"))
            )
            .JudgeAsync(Call, Stop);
        Assert.Equal(Outcome.Held, verdict.Outcome);
        Assert.Equal("the jurors do not agree: model: asks for a password; policy: reads only", verdict.Reason);
    }

    [Fact]
    public async Task A_caller_who_gives_up_has_no_verdict_and_the_jurors_are_told()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new TestJuror(
            "slow",
            async token =>
            {
                token.Register(told.SetResult);
                await told.Task;
                return Vote.Abstain;
            }
        );
        using var caller = new CancellationTokenSource();
        Task<Verdict> verdict = Panel(Seat(slow)).JudgeAsync(Call, caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => verdict);
        await told.Task.WaitAsync(Stop);
    }

    [Fact]
    public void In_whatever_order_votes_come_the_verdict_is_that_of_the_table() =>
        Prop.ForAll(
                Gen.Elements(Enum.GetValues<Quorum>()).ToArbitrary(),
                Gen.Elements(Enum.GetValues<Ballot>()).ArrayOf().Where(all => all.Length is > 0 and < 8).ToArbitrary(),
                Arb.From(Gen.Choose(0, int.MaxValue)),
                (quorum, ballots, seed) =>
                {
                    var votes = ballots.Select(_ => new TaskCompletionSource<Vote>()).ToArray();
                    JuryPanel panel = Panel(
                        Rules with
                        {
                            Quorum = quorum,
                        },
                        [.. votes.Select((vote, place) => Seat(TestJuror.Waits($"j{place}", vote)))]
                    );
                    Task<Verdict> verdict = panel.JudgeAsync(Call, Stop);
                    int[] order = [.. Enumerable.Range(0, ballots.Length)];
                    new Random(seed).Shuffle(order);
                    Array.ForEach(order, place => votes[place].SetResult(new Vote(ballots[place], "")));
                    Tally tally = ballots.Aggregate(default(Tally), (all, ballot) => all.With(ballot));
                    return verdict.GetAwaiter().GetResult().Outcome == (tally.Decide(quorum) ?? Outcome.Held);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Rules_that_cannot_be_kept_are_refused()
    {
        TestJuror juror = TestJuror.Says("a", Ballot.Release);
        Seat seat = Seat(juror);
        Refused(Rules with { Deadline = TimeSpan.Zero });
        Refused(Rules with { Deadline = TimeSpan.FromDays(2) });
        Refused(Rules with { OnDeadline = Ballot.Hold });
        Refused(Rules with { OnNoVotes = Ballot.Abstain });
        Refused(Rules with { Quorum = (Quorum)9 });
        Refused(Rules, seat, seat);
        Refused(Rules, seat with { OnFailure = Ballot.Release });
        Refused(Rules, seat with { TimeLimit = TimeSpan.Zero });
        Refused(Rules, seat with { MaxUnderWay = 0 });
        Refused(Rules, [.. Enumerable.Range(0, 33).Select(n => Seat(TestJuror.Says($"j{n}", Ballot.Release)))]);
    }

    private void Refused(JuryRules rules, params Seat[] seats) =>
        Assert.Throws<ArgumentException>(() => Panel(rules, seats));
}
