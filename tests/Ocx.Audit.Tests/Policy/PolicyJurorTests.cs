using Ocx.Audit.Jury;
using Ocx.Audit.Policy;

namespace Ocx.Audit.Tests.Policy;

public class PolicyJurorTests
{
    private static readonly PolicyRule s_release = new("reads", "tool.name.startsWith('read_')", Ballot.Release);
    private static readonly PolicyRule s_hold = new("large", "call.arguments.limit > 100", Ballot.Hold, "many rows");
    private static readonly PolicyRule s_refuse = new("drop", "call.arguments.sql.contains('DROP')", Ballot.Refuse);

    [Fact]
    public async Task The_most_severe_rule_votes_whatever_the_order()
    {
        var call = CelHarness.Call("read_rows", """{"limit":500,"sql":"DROP TABLE x"}""");
        var expected = new Vote(Ballot.Refuse, "rule 'drop' matches");
        Assert.Equal(expected, await CelHarness.Judge(call, s_release, s_hold, s_refuse));
        Assert.Equal(expected, await CelHarness.Judge(call, s_refuse, s_hold, s_release));
        Assert.Equal(new Vote(Ballot.Hold, "rule 'large': many rows"), await CelHarness.Judge(call, s_release, s_hold));
        Assert.Equal(new Vote(Ballot.Release, "rule 'reads' matches"), await CelHarness.Judge(call, s_release));
    }

    [Fact]
    public async Task Of_equally_severe_rules_the_first_votes()
    {
        PolicyRule other = new("other", "call.tool != ''", Ballot.Hold);
        var call = CelHarness.Call(arguments: """{"limit":500}""");
        Assert.Equal("rule 'other' matches", (await CelHarness.Judge(call, other, s_hold)).Reason);
        Assert.Equal("rule 'large': many rows", (await CelHarness.Judge(call, s_hold, other)).Reason);
    }

    [Fact]
    public async Task Where_nothing_matches_it_abstains() =>
        Assert.Equal(Vote.Abstain, await CelHarness.Judge(CelHarness.Call("x"), s_release));

    [Fact]
    public async Task A_rule_that_fails_fails_the_juror_and_is_named()
    {
        // The call has no sql: whether it is to be refused is not known, and a release would be a guess.
        var call = CelHarness.Call("read_rows", """{"limit":5}""");
        var thrown = await Assert.ThrowsAsync<JurorException>(async () =>
            await CelHarness.Judge(call, s_release, s_refuse)
        );
        Assert.Equal("rule 'drop': there is no 'sql' (column 16); has() asks for it", thrown.Message);
    }

    [Fact]
    public async Task A_rule_that_fails_does_not_hide_one_that_is_as_severe()
    {
        PolicyRule other = new("other", "call.tool == 'delete_rows'", Ballot.Refuse);
        Assert.Equal(Ballot.Refuse, (await CelHarness.Judge(CelHarness.Call(), s_refuse, other)).Ballot);
        Assert.Equal(Ballot.Refuse, (await CelHarness.Judge(CelHarness.Call(), s_hold, other)).Ballot);
    }

    [Fact]
    public async Task A_failure_quotes_nothing_of_the_call()
    {
        var call = CelHarness.Call(arguments: """{"sql":{"secret-text":[1]},"limit":"secret-text"}""");
        foreach (
            var when in (string[])
                [
                    "call.arguments.sql.contains('x')",
                    "call.arguments.limit > 5",
                    "int(call.arguments.limit) > 5",
                    "call.arguments[call.arguments.limit] == 1",
                    "call.arguments.limit.x == 1",
                    "call.arguments.limit",
                ]
        )
        {
            var failure = CelHarness.Evaluate(when, call).Failure;
            Assert.NotNull(failure);
            Assert.DoesNotContain("secret", failure, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task It_judges_from_many_threads_at_once()
    {
        var juror = PolicyCheck.Of("policy", [s_hold, s_release], CelHarness.Methods).Juror!;
        var cancellation = TestContext.Current.CancellationToken;
        await Parallel.ForAsync(
            0,
            2000,
            cancellation,
            async (i, token) =>
            {
                var call = CelHarness.Call($"read_{i}", $$"""{"limit":{{i}}}""");
                var vote = await juror.JudgeAsync(call, token);
                Assert.Equal(i > 100 ? Ballot.Hold : Ballot.Release, vote.Ballot);
            }
        );
    }

    [Fact]
    public async Task A_juror_that_is_cancelled_does_not_vote()
    {
        var juror = PolicyCheck.Of("policy", [s_release], CelHarness.Methods).Juror!;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await juror.JudgeAsync(CelHarness.Call("read_x"), new CancellationToken(canceled: true))
        );
    }
}
