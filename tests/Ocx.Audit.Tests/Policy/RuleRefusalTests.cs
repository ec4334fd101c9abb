using Ocx.Audit.Jury;
using Ocx.Audit.Policy;

namespace Ocx.Audit.Tests.Policy;

public class RuleRefusalTests
{
    [Theory]
    [InlineData(
        "call.tol == 'x'",
        "rule 'rule': column 6: 'call' has no field 'tol': did you mean 'tool'? known: argum"
    )]
    [InlineData("call.quux == 'x'", "'call' has no field 'quux': known: arguments, argumentsComplete")]
    [InlineData(
        "cal.tool == 'x'",
        "column 1: there is no variable 'cal': did you mean 'call'? known: call, client, ser"
    )]
    [InlineData("call == 'x'", "'call' is no value: name one of its fields")]
    [InlineData("call.tool.startWith('a')", "there is no function startWith(): did you mean 'startsWith'? known:")]
    [InlineData("call.tool.startsWith('a', 'b')", "startsWith() takes 1 arguments, not 2")]
    [InlineData("startsWith(call.tool, 'a')", "startsWith() is called as x.f()")]
    [InlineData("call.tool.int() == 1", "int() is called as f(x)")]
    [InlineData("call.tool.startsWith(1)", "startsWith() does not take a string and a int")]
    [InlineData("size(call.tool)", "a rule is a bool, true or false; this is a int")]
    [InlineData("'x'", "a rule is a bool, true or false; this is a string")]
    [InlineData("call.tool + 'x'", "a rule is a bool, true or false; this is a string")]
    [InlineData("call.tool.lowerAscii()", "a rule is a bool, true or false; this is a string")]
    [InlineData("call.tool == 5", "column 11: '==' compares a string with a int")]
    [InlineData("call.requestBytes > '5'", "'>' has no order between a int and a string")]
    [InlineData("call.tool && true", "an operand of '&&' is a bool; this is a string")]
    [InlineData("!call.tool", "what '!' stands before is a bool; this is a string")]
    [InlineData("call.tool ? true : false", "the condition before '?' is a bool; this is a string")]
    [InlineData("call.tool - 'x' == 'y'", "'-' does not go with a string and a string")]
    [InlineData("call.tool.name == 'x'", "what has a field 'name' is a map; this is a string")]
    [InlineData("call.tool in 'x'", "'in' looks into a list or a map, not into a string")]
    [InlineData("call.tool ==", "column 13: the expression ends too early")]
    [InlineData("call.tool == 'x' 'y'", "column 18: ''y'' does not belong here")]
    [InlineData("call.tool == 'x' @", "column 18: this is nothing that CEL knows")] // the package passes over it
    [InlineData("call.tool == \U0001F600", "column 14: this is nothing that CEL knows")] // ANTLR fails on it
    [InlineData("true &&\n  call.tol == 'x'", "line 2, column 8: 'call' has no field 'tol'")]
    [InlineData(" ", "there is no expression")]
    [InlineData("1 / 0 == 1", "this can only fail: a division by zero")]
    [InlineData("call.requestBytes > 9223372036854775808", "the number is out of bounds")]
    [InlineData("call.tool == '\\ud83d'", "'\\ud83d' is no character")]
    [InlineData("call.tool.matches(call.method)", "matches() takes its regular expression as a literal")]
    [InlineData("call.tool.matches('a(?=b)')", "matches(): of the groups with '(?', these are known")]
    [InlineData("call.tool.matches('(a')", "matches(): a '(' is not closed")]
    [InlineData("call.tool.matches('(a)\\\\1')", "matches(): '\\1' is not supported")]
    [InlineData("call.tool.matches('((a{10}){10}){11}')", "too large: its repetitions multiply")]
    [InlineData("call.tool.matches('a{99999}')", "a repetition is at most 1000 times")]
    [InlineData("[1].exists(a, [1].exists(b, [1].exists(c, c == 1)))", "macros stand at most 2 deep within each other")]
    [InlineData("[1].exists(call, true)", "the name 'call' is taken")]
    [InlineData("[1].exists(a, [2].exists(a, true))", "the name 'a' is taken")]
    [InlineData("[1].exists(a.b, true)", "the first argument of exists() is a name for the element")]
    [InlineData("[1].exists(a)", "exists() takes a name and an expression")]
    [InlineData("call.tool.exists(a, true)", "exists() goes through a list or a map, not a string")]
    [InlineData("has(call)", "has() takes one field")]
    [InlineData("has(call.tol)", "'call' has no field 'tol'")]
    [InlineData("call.time.getHours('Mars/Olympus') == 1", "getHours() takes a time zone as a literal")]
    [InlineData("call.time.getHours(call.tool) == 1", "getHours() takes a time zone as a literal")]
    [InlineData("call.?tool == 'x'", "optional values are not supported")]
    [InlineData("b'a' == b'b'", "unsigned integers and bytes are not supported")]
    [InlineData("a.b{} == 1", "messages are not supported")]
    [InlineData("{1: 2} == {}", "keys of a map that are no string literals are not supported")]
    public void A_rule_that_cannot_be_used_is_refused_with_the_place_and_what_is_known(string when, string message) =>
        Assert.Contains(message, CelHarness.Refusal(when), StringComparison.Ordinal);

    [Fact]
    public void What_would_bring_the_parser_down_is_refused()
    {
        Assert.Contains("too large", CelHarness.Refusal(Nested('(', ')', 33)), StringComparison.Ordinal);
        Assert.Contains("too large", CelHarness.Refusal(Nested('(', ')', 2000)), StringComparison.Ordinal);
        Assert.Contains("too large", CelHarness.Refusal(Nested('[', ']', 2000)), StringComparison.Ordinal);
        Assert.Contains(
            "too large",
            CelHarness.Refusal(Repeated("true ? true : ", "true", 33)),
            StringComparison.Ordinal
        );
        Assert.Contains("too large", CelHarness.Refusal(Repeated("!", "true", 2000)), StringComparison.Ordinal);
        Assert.Contains("4096", CelHarness.Refusal(Repeated("true || ", "true", 600)), StringComparison.Ordinal);
        Assert.Equal([], Problems(Nested('(', ')', 32)));
        Assert.Equal([], Problems(Repeated("!", "true", 1000)));
        Assert.Equal([], Problems(Repeated("'a'+", "'a' == 'a'", 480)));
    }

    [Fact]
    public void Rules_have_names_of_their_own_and_votes()
    {
        var check = PolicyCheck.Of(
            "policy",
            [
                new("a", "call.tool == 'x'", Ballot.Refuse),
                new("a", "call.tool == 'y'", Ballot.Refuse),
                new("", "call.tool == 'y'", Ballot.Refuse),
                new("b\u001b", "call.tool == 'y'", Ballot.Abstain),
                new("c", "call.tool == 'y'", Ballot.Hold, new string('m', 257)),
            ],
            CelHarness.Methods
        );
        Assert.Null(check.Juror);
        Assert.Equal(
            [
                "rule 'a': another rule has this name",
                "rule '': a name has 1 to 63 characters",
                "rule 'b\\u{1b}': 'then' is Release, Hold or Refuse",
                "rule 'c': a message has at most 256 characters",
            ],
            check.Problems
        );
        Assert.Contains(
            "1 to 64 rules",
            PolicyCheck.Of("policy", [], CelHarness.Methods).Problems[0],
            StringComparison.Ordinal
        );
    }

    private static IReadOnlyList<string> Problems(string when) =>
        PolicyCheck.Of("policy", [new("rule", when, Ballot.Refuse)], CelHarness.Methods).Problems;

    private static string Nested(char open, char close, int depth) =>
        $"{new string(open, depth)}true{new string(close, depth)}";

    private static string Repeated(string text, string end, int times) =>
        string.Concat(Enumerable.Repeat(text, times)) + end;
}
