using Ocx.Audit.Jury;
using Ocx.Audit.Policy;

namespace Ocx.Audit.Tests.Policy;

public class RuleWarningTests
{
    [Theory]
    [InlineData("false")]
    [InlineData("1 == 2")]
    [InlineData("'a' in ['b', 'c']")]
    [InlineData("'a'.startsWith('b') && call.tool == 'x'")]
    [InlineData("call.method == 'tools/cal'")]
    [InlineData("call.method in ['prompts/get', 'resources/read']")]
    [InlineData("call.method != 'tools/call' && call.tool == 'x'")]
    [InlineData("call.class == 'reversible'")]
    [InlineData("tool.name == 'a' && tool.name == 'b'")]
    [InlineData("tool.name == 'a' && 'b' == tool.name")]
    [InlineData("tool.name == 'a' && tool.name != 'a'")]
    [InlineData("!(tool.name == 'a') && tool.name == 'a'")]
    [InlineData("tool.name in ['a', 'b'] && tool.name in ['c', 'd']")]
    [InlineData("tool.name in ['a', 'b'] && tool.name.startsWith('c')")]
    [InlineData("tool.name.startsWith('c') && tool.name == 'a'")]
    [InlineData("(tool.name == 'a' || tool.name == 'b') && tool.name == 'c'")]
    [InlineData("call.credentialInArguments && !call.credentialInArguments")]
    [InlineData("call.arguments.path == 'a' && call.arguments.path == 'b'")]
    [InlineData("call.arguments.force && call.arguments.force == false")]
    [InlineData("call.tool == 'x' ? call.tool == 'y' : false")]
    public void A_rule_that_can_match_nothing_is_warned_of(string when) =>
        Assert.Equal(["rule 'rule': it can match no call"], Warnings(when));

    [Theory]
    [InlineData("true")]
    [InlineData("call.tool == 'x' || true")]
    [InlineData("call.method == 'tools/call'")]
    [InlineData("call.class == 'Reversible' || call.class == 'Irreversible'")]
    [InlineData("call.class in ['Reversible', 'Irreversible']")]
    [InlineData("tool.name != 'a' || tool.name != 'b'")]
    [InlineData("call.credentialInArguments || !call.credentialInArguments")]
    public void A_rule_that_matches_everything_is_warned_of(string when) =>
        Assert.Equal(["rule 'rule': it matches every call"], Warnings(when));

    [Theory]
    [InlineData("call.tool == 'x'")]
    [InlineData("call.tool == 'a' || call.tool == 'b'")]
    [InlineData("call.tool != 'a' && call.tool != 'b'")]
    [InlineData("call.tool.startsWith('a') && call.tool.startsWith('b')")] // not proven
    [InlineData("call.tool.startsWith('a') && call.tool == 'ab'")]
    [InlineData("call.requestBytes > 5 && call.requestBytes < 3")] // not proven
    [InlineData("call.class == 'Reversible' && call.tool in ['a', 'b'] && call.tool != 'a'")]
    [InlineData("call.arguments.n == 1 && call.arguments.n == 1.0")]
    [InlineData("call.arguments.l.exists(x, x == 'a') && call.arguments.l.exists(x, x == 'b')")]
    [InlineData("call.arguments.l.exists(x, x == 'a' && x == 'b')")] // not proven
    [InlineData("has(call.arguments.x) && call.arguments.x")]
    [InlineData("call.tool == 'x' ? call.arguments.a : call.arguments.b")]
    public void A_rule_that_may_match_is_not(string when) => Assert.Empty(Warnings(when));

    [Fact]
    public void The_methods_are_those_that_the_audit_matches() =>
        Assert.Empty(
            PolicyCheck
                .Of("policy", [new("rule", "call.method == 'prompts/get'", Ballot.Hold)], ["tools/call", "prompts/get"])
                .Warnings
        );

    [Fact]
    public void Conditions_within_conditions_are_followed_in_bounds()
    {
        var nested = Enumerable.Range(0, 30).Aggregate("call.tool == 'x'", (inner, _) => $"({inner} ? true : false)");
        Assert.Empty(Warnings(nested));
    }

    private static IReadOnlyList<string> Warnings(string when)
    {
        var check = PolicyCheck.Of("policy", [new PolicyRule("rule", when, Ballot.Refuse)], CelHarness.Methods);
        Assert.Empty(check.Problems);
        return check.Warnings;
    }
}
