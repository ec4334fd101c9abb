using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Jury;
using Outcome = Ocx.Audit.Jury.Outcome;

namespace Ocx.Audit.Tests.Jury;

public class QuorumTests
{
    [Theory]
    // quorum, release, hold, refuse
    [InlineData(Quorum.Unanimous, 3, 0, 0, Outcome.Released)]
    [InlineData(Quorum.Unanimous, 0, 0, 3, Outcome.Refused)]
    [InlineData(Quorum.Unanimous, 2, 0, 1, Outcome.Held)]
    [InlineData(Quorum.Unanimous, 1, 0, 2, Outcome.Held)]
    [InlineData(Quorum.Unanimous, 2, 1, 0, Outcome.Held)]
    [InlineData(Quorum.Unanimous, 0, 1, 2, Outcome.Held)]
    [InlineData(Quorum.Majority, 2, 0, 1, Outcome.Released)]
    [InlineData(Quorum.Majority, 2, 1, 0, Outcome.Released)]
    [InlineData(Quorum.Majority, 1, 0, 2, Outcome.Refused)]
    [InlineData(Quorum.Majority, 1, 0, 1, Outcome.Held)]
    [InlineData(Quorum.Majority, 1, 1, 0, Outcome.Held)]
    [InlineData(Quorum.Majority, 0, 1, 1, Outcome.Held)]
    [InlineData(Quorum.Majority, 1, 1, 1, Outcome.Held)]
    [InlineData(Quorum.Majority, 2, 1, 1, Outcome.Held)]
    [InlineData(Quorum.AnyRefuses, 9, 0, 1, Outcome.Refused)]
    [InlineData(Quorum.AnyRefuses, 0, 9, 1, Outcome.Refused)]
    [InlineData(Quorum.AnyRefuses, 9, 1, 0, Outcome.Held)]
    [InlineData(Quorum.AnyRefuses, 3, 0, 0, Outcome.Released)]
    public void The_tables(Quorum quorum, int release, int hold, int refuse, Outcome outcome) =>
        Assert.Equal(outcome, new Tally(release, hold, refuse).Decide(quorum));

    [Theory]
    [InlineData(Quorum.Unanimous)]
    [InlineData(Quorum.Majority)]
    [InlineData(Quorum.AnyRefuses)]
    public void One_vote_alone_has_its_way_in_every_quorum(Quorum quorum)
    {
        Assert.Equal(Outcome.Released, default(Tally).With(Ballot.Release).Decide(quorum));
        Assert.Equal(Outcome.Held, default(Tally).With(Ballot.Hold).Decide(quorum));
        Assert.Equal(Outcome.Refused, default(Tally).With(Ballot.Refuse).Decide(quorum));
    }

    [Fact]
    public void Abstentions_are_no_votes() =>
        Assert.Null(default(Tally).With(Ballot.Abstain).Decide(Quorum.AnyRefuses));

    [Fact]
    public void It_is_decided_early_exactly_when_no_vote_to_come_can_change_it() =>
        ForAllTallies(
            (quorum, tally, pending) =>
            {
                Outcome?[] ends = [.. Ends(tally, pending).Select(end => end.Decide(quorum)).Distinct()];
                Assert.Equal(ends.Length == 1 ? ends[0] : null, tally.Decide(quorum, pending));
            }
        );

    [Fact]
    public void A_vote_to_release_never_makes_a_released_call_less_so_and_one_to_refuse_never_releases() =>
        ForAllTallies(
            (quorum, tally, _) =>
            {
                if (tally.Decide(quorum) is Outcome.Released)
                {
                    Assert.Equal(Outcome.Released, tally.With(Ballot.Release).Decide(quorum));
                }
                else if (tally.Votes > 0)
                {
                    Assert.NotEqual(Outcome.Released, tally.With(Ballot.Refuse).Decide(quorum));
                    Assert.NotEqual(Outcome.Released, tally.With(Ballot.Hold).Decide(quorum));
                }
            }
        );

    private static void ForAllTallies(Action<Quorum, Tally, int> holds)
    {
        Gen<int> few = Gen.Choose(0, 5);
        Gen<(Quorum, Tally, int)> cases =
            from quorum in Gen.Elements(Enum.GetValues<Quorum>())
            from release in few
            from hold in few
            from refuse in few
            from pending in few
            select (quorum, new Tally(release, hold, refuse), pending);
        Prop.ForAll(cases.ToArbitrary(), each => holds(each.Item1, each.Item2, each.Item3))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    /// <summary>
    /// All tallies in which it may end: each juror still to come releases, holds, refuses or abstains.
    /// </summary>
    private static IEnumerable<Tally> Ends(Tally tally, int pending) =>
        from release in Enumerable.Range(0, pending + 1)
        from hold in Enumerable.Range(0, pending + 1 - release)
        from refuse in Enumerable.Range(0, pending + 1 - release - hold)
        select tally.With(Ballot.Release, release).With(Ballot.Hold, hold).With(Ballot.Refuse, refuse);
}
