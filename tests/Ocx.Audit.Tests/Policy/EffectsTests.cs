using Ocx.Audit.Jury;
using Ocx.Audit.Policy;
using Ocx.Audit.Rehearsals;
using Ocx.Audit.Tests.Rehearsals;

namespace Ocx.Audit.Tests.Policy;

/// <summary>What rules read of a rehearsal.</summary>
public sealed class EffectsTests
{
    private const string Deletes = "effects.state.rowsDeleted > 100";

    private static readonly RehearsalEvidence s_failed = RehearsalEvidence.None(RehearsalFailure.NoShadow);

    [Theory]
    [InlineData(Deletes)]
    [InlineData(
        "effects.state.rowsDeleted == 5000 && effects.state.rowsInserted == 0 && effects.state.rowsUpdated == 0"
    )]
    [InlineData("effects.state.keysWritten == 1 && effects.state.keysDeleted == 0 && !effects.state.schemaChanged")]
    [InlineData("effects.state.lag < duration('1s') && effects.state.lag > duration('20ms')")]
    [InlineData("effects.network.exists(c, c.address != '10.0.0.7' && c.port == 80 && c.refused)")]
    [InlineData("effects.state.changes.exists(c, c.target == 'public.orders' && c.old.id == '42')")]
    [InlineData("effects.state.changes.exists(c, c.kind == 'Redis' && c.operation == 'set' && !has(c.old))")]
    [InlineData("effects.state.changes.exists(c, has(c.old) && c.old.note == null && c.source == 'orders')")]
    [InlineData("has(effects.network) && has(effects.processes) && size(effects.processes) == 0")]
    [InlineData("!has(effects.files) && !has(effects.files.created)")]
    [InlineData("effects.outcome == 'Answered' && effects.result.content[0].text == '5000 orders'")]
    public void Each_name_has_what_it_says(string when) => Assert.True(Evaluate(when, Evidence.Wholesale).IsTrue);

    [Theory]
    [InlineData(
        "effects.state.rowsDeletd > 1",
        "'effects.state' has no field 'rowsDeletd': did you mean 'rowsDeleted'?"
    )]
    [InlineData("effects.stat.rowsDeleted > 1", "'effects' has no field 'stat': did you mean 'state'?")]
    [InlineData("effects.state.rowsDeleted == 'all'", "'==' compares a int with a string")]
    [InlineData("effects.state > 1", "'>' has no order between a map and a int")]
    [InlineData("effects.network.exists(c, c.adress == 'x')", "'c' has no field 'adress': did you mean 'address'?")]
    [InlineData("effects.network.exists(c, has(c.host))", "'c' has no field 'host': known: address, port, refused")]
    [InlineData("effects.network.address == 'x'", "what has a field 'address' is a map; this is a list")]
    [InlineData("effects == 1", "'effects' is no value: name one of its fields")]
    public void Its_names_are_checked_to_the_last(string when, string problem) =>
        Assert.Contains(problem, Assert.Single(Check(when, rehearsed: true).Problems), StringComparison.Ordinal);

    [Fact]
    public void A_rule_on_effects_is_refused_where_no_call_is_rehearsed()
    {
        string problem = Assert.Single(Check($"call.tool == 'x' && {Deletes}", rehearsed: false).Problems);
        Assert.Contains("column 21: 'effects' is known to the jury's rules alone", problem, StringComparison.Ordinal);
        Assert.Contains("spec.rehearsal", problem, StringComparison.Ordinal);
        Assert.Contains("can never match", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Deletes, "the call was not rehearsed to its end: no shadow ready")]
    [InlineData("has(effects.state)", "the call was not rehearsed to its end: no shadow ready")]
    [InlineData("!has(effects.network)", "the call was not rehearsed to its end: no shadow ready")]
    [InlineData("effects.outcome != 'ToolFailed'", "the call was not rehearsed to its end: no shadow ready")]
    public void Of_a_rehearsal_that_failed_everything_is_an_error(string when, string failure) =>
        Assert.Equal(new ConditionResult(false, failure), Evaluate(when, s_failed));

    [Fact]
    public void What_was_not_observed_is_an_error_and_no_absence()
    {
        Assert.Equal(
            "files was not observed; has(effects.files) asks for that",
            Evaluate("size(effects.files.deleted) == 0", Evidence.Wholesale).Failure
        );
        RehearsalEvidence nothing = Evidence.With(CallEffects.NotObserved);
        Assert.NotNull(Evaluate(Deletes, nothing).Failure);
        Assert.NotNull(Evaluate("effects.network.exists(c, c.refused)", nothing).Failure);
        Assert.True(Evaluate("!has(effects.state)", nothing).IsTrue);
    }

    [Fact]
    public void A_list_that_is_cut_decides_only_by_what_is_in_it()
    {
        const string Orders = "c.target == 'public.orders'",
            Users = "c.target == 'public.users'";
        Assert.True(Evaluate($"effects.state.changes.exists(c, {Orders})", Evidence.Wholesale).IsTrue);
        Assert.Equal(
            "more was done than is listed",
            Evaluate($"effects.state.changes.exists(c, {Users})", Evidence.Wholesale).Failure
        );
        Assert.Equal(
            new ConditionResult(false, null),
            Evaluate($"effects.state.changes.all(c, {Users})", Evidence.Wholesale)
        );
    }

    [Fact]
    public void A_rule_that_hangs_on_effects_does_not_match_a_call_that_its_audit_has_not_rehearsed()
    {
        Assert.Equal(new ConditionResult(false, null), Evaluate(Deletes, null));
        Assert.Equal(new ConditionResult(false, null), Evaluate("!has(effects.files)", null));
        Assert.True(Evaluate($"call.tool == 'delete_rows' || {Deletes}", null).IsTrue);

        // Another error is one all the same.
        Assert.NotNull(Evaluate($"{Deletes} || call.arguments.all", null).Failure);
        Assert.NotNull(Evaluate($"call.arguments.all || {Deletes}", null).Failure);
    }

    [Fact]
    public async Task A_refusal_names_the_number()
    {
        PolicyJuror juror = Check(Deletes, rehearsed: true, "too many at once").Juror!;
        Assert.True(juror.WantsEvidence);
        Vote vote = await juror.JudgeAsync(
            CelHarness.Call(),
            Evidence.Wholesale,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(
            new Vote(Ballot.Refuse, "rule 'rule': too many at once (would delete 5000 rows, write 1 key)"),
            vote
        );
    }

    [Fact]
    public async Task A_juror_whose_rules_read_effects_fails_with_the_rehearsal()
    {
        PolicyJuror juror = Check(Deletes, rehearsed: true).Juror!;
        var failure = await Assert.ThrowsAsync<JurorException>(async () =>
            await juror.JudgeAsync(CelHarness.Call(), s_failed, TestContext.Current.CancellationToken)
        );
        Assert.Equal("rule 'rule': the call was not rehearsed to its end: no shadow ready", failure.Message);
        Assert.False(Check("call.tool == 'x'", rehearsed: true).Juror!.WantsEvidence);
    }

    [Fact]
    public void Neither_the_choice_of_calls_nor_a_compensating_call_can_read_effects()
    {
        Assert.Throws<FormatException>(() => CallCondition.Compile(Deletes));
        Assert.Throws<FormatException>(() => CallExpression.Compile("effects.state.rowsDeleted"));
    }

    private static ConditionResult Evaluate(string when, RehearsalEvidence? evidence) =>
        CallCondition.Compile(when, rehearsed: true).Evaluate(new CallFacts(CelHarness.Call(), evidence));

    private static PolicyCheck Check(string when, bool rehearsed, string? message = null) =>
        PolicyCheck.Of("policy", [new PolicyRule("rule", when, Ballot.Refuse, message)], CelHarness.Methods, rehearsed);
}
