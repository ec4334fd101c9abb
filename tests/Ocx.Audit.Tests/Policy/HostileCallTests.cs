using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Expressions;
using Ocx.Audit.Intents;
using Ocx.Audit.Jury;
using Ocx.Audit.Policy;

namespace Ocx.Audit.Tests.Policy;

public class HostileCallTests
{
    // What is measured is a few milliseconds and a few megabytes; the machine may be very busy. The budget is exact.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(20);
    private const long MostMemory = 64 << 20;

    private static readonly Intent s_list = CelHarness.Call(
        arguments: $$"""{"l":[{{string.Join(',', Enumerable.Repeat("0", 100_000))}}]}"""
    );

    private static readonly Intent s_text = CelHarness.Call(
        arguments: $$"""{"s":"{{new string('a', 150_000)}}!","w":"{{new string('a', 50_000)}}b"}"""
    );

    private static readonly Intent s_map = CelHarness.Call(
        arguments: "{\"m\":{" + string.Join(',', Enumerable.Range(0, 15_000).Select(i => $"\"k{i}\":{i}")) + "}}"
    );

    [Theory]
    [InlineData("call.arguments.l.exists(a, call.arguments.l.exists(b, a == b && a == 1))")]
    [InlineData("call.arguments.l.all(a, call.arguments.l.all(b, a == b))")]
    [InlineData("call.arguments.l.map(a, call.arguments.l).size() == 1")]
    [InlineData("call.arguments.l.map(a, call.arguments.l.map(b, [a, b])).size() == 1")]
    [InlineData("call.arguments.l.filter(a, call.arguments.l == call.arguments.l).size() == 1")]
    [InlineData("call.arguments.l.exists(a, 1 in call.arguments.l)")]
    [InlineData("call.arguments.l.map(a, call.arguments.l + call.arguments.l).size() == 1")]
    [InlineData("call.arguments.l.exists(a, call.arguments.l.exists(b, 1 / a == b)) || true ? false : false")]
    public void A_long_list_ends_within_the_budget(string when) => AssertTooCostly(when, s_list);

    [Theory]
    [InlineData("call.arguments.s.contains(call.arguments.w)")]
    [InlineData("[1,2,3,4,5,6,7,8].map(a, call.arguments.s.lowerAscii()).size() == 8")]
    [InlineData("[1,2,3].exists(a, call.arguments.s.matches('b'))")]
    public void A_long_text_ends_within_the_budget(string when) => AssertTooCostly(when, s_text);

    [Theory]
    [InlineData("call.arguments.m.all(a, call.arguments.m.all(b, a == b || a != b))")]
    [InlineData("call.arguments.m.all(a, call.arguments.m == call.arguments.m)")]
    [InlineData("call.arguments.m.all(a, call.arguments.m.map(b, b).size() > 0)")]
    public void A_large_map_ends_within_the_budget(string when) => AssertTooCostly(when, s_map);

    [Theory]
    [InlineData("^(a+)+$", false)]
    [InlineData("(a*)*b", false)]
    [InlineData("(a|aa)+$", false)]
    [InlineData("!", true)]
    [InlineData("^a+!$", true)]
    public void A_regular_expression_takes_linear_time(string pattern, bool matches)
    {
        var call = CelHarness.Call(arguments: $$"""{"s":"{{new string('a', 20_000)}}!"}""");
        var (result, took, _) = Run($"call.arguments.s.matches('{pattern}')", call);
        Assert.Null(result.Failure);
        Assert.Equal(matches, result.IsTrue);
        Assert.True(took < s_longest, $"it took {took}");
    }

    [Theory]
    [InlineData("[ab]*a[ab]{200}$")]
    [InlineData("((a|b)*a(a|b){9}){15}$")]
    [InlineData("(.*a){200}b")]
    [InlineData("(x?){10}(a|b){90}c")]
    [InlineData("(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)$")]
    public void A_regular_expression_with_many_states_ends(string pattern)
    {
        foreach (var length in (int[])[1_000, 3_000, 10_000, 30_000, 100_000])
        {
            var text = string.Create(length, new Random(7), (to, random) => random.GetItems("ab", to));
            var call = CelHarness.Call(arguments: $$"""{"s":"{{text}}"}""");
            var (_, took, memory) = Run($"call.arguments.s.matches('{pattern}')", call);
            Assert.True(took < s_longest, $"it took {took}");
            Assert.True(memory < MostMemory, $"it allocated {memory}");
        }
    }

    [Fact]
    public void Text_that_is_made_is_bounded() =>
        Assert.Equal(
            "the result of '+' is out of bounds (column 18)",
            CelHarness.Evaluate("call.arguments.s + call.arguments.s == 'a'", s_text).Failure
        );

    [Fact]
    public void A_costly_pattern_is_charged_for_each_of_many_texts()
    {
        var texts = string.Join(',', Enumerable.Range(0, 5_000).Select(i => $"\"{Convert.ToString(i, 2)}ababab\""));
        AssertTooCostly(
            "call.arguments.l.exists(x, x.matches('[ab01]*a[ab]{200}$'))",
            CelHarness.Call(arguments: $$"""{"l":[{{texts}}]}""")
        );
    }

    [Fact]
    public void What_is_nested_too_deep_is_not_read()
    {
        var deep = $$"""{"a":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""";
        Assert.False(CelHarness.IsTrue("call.argumentsComplete", CelHarness.Call(arguments: deep)));
    }

    [Fact]
    public async Task A_rule_that_costs_too_much_fails_and_leaves_the_others_theirs()
    {
        PolicyRule costly = new(
            "costly",
            "call.arguments.l.exists(a, call.arguments.l.exists(b, b == 1))",
            Ballot.Refuse
        );
        PolicyRule cheap = new("cheap", "call.tool == 'delete_rows'", Ballot.Refuse);
        Assert.Equal("rule 'cheap' matches", (await CelHarness.Judge(s_list, costly, cheap)).Reason);
        var thrown = await Assert.ThrowsAsync<JurorException>(async () => await CelHarness.Judge(s_list, costly));
        Assert.Equal("rule 'costly': the rule costs too much on this call", thrown.Message);
    }

    // Words of CEL in any order: what compiles is evaluated, and nothing but a refusal is ever thrown.
    [Fact]
    public void No_text_brings_the_compiler_or_an_evaluation_down()
    {
        string[] words =
        [
            "call",
            ".",
            "tool",
            ".tool",
            ".arguments",
            "call.arguments",
            ".l",
            ".s",
            "client.pod",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "?",
            "!",
            "-",
            "+",
            "*",
            "/",
            "%",
            "<",
            ">=",
            "==",
            "!=",
            "&&",
            "||",
            "in",
            " ",
            "\n",
            "true",
            "null",
            "0",
            "1",
            "9223372036854775807",
            "1.5",
            "1u",
            "'a'",
            "b'a'",
            "\"\\n\"",
            "r'\\'",
            "'\\U0011ffff'",
            "has(call.tool)",
            ".exists(x,",
            ".map(y,",
            "x",
            "y",
            ".size()",
            "size(",
            "matches('a')",
            ".matches('(')",
            "#",
            "'",
            ".getHours('+25:00')",
            "call.time",
            "duration('1h')",
            "timestamp('x')",
            "int(",
            "string(",
            "dyn(",
            "`",
            "\ud83d",
        ];
        var rule = Gen.Elements(words).ArrayOf().Select(string.Concat).ToArbitrary();
        Prop.ForAll(
                rule,
                text =>
                {
                    try
                    {
                        var condition = CallCondition.Compile(text);
                        _ = condition.Warning(CelHarness.Methods);
                        _ = condition.Evaluate(new CallFacts(s_map));
                    }
                    catch (FormatException)
                    {
                        // Refused.
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    private static void AssertTooCostly(string when, Intent call)
    {
        var (result, took, memory) = Run(when, call);
        Assert.Equal(CelValue.Exhausted.Message, result.Failure);
        Assert.True(took < s_longest, $"it took {took}");
        Assert.True(memory < MostMemory, $"it allocated {memory}");
    }

    private static (ConditionResult Result, TimeSpan Took, long Memory) Run(string when, Intent call)
    {
        var condition = CallCondition.Compile(when);
        var memory = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        var result = condition.Evaluate(new CallFacts(call));
        var took = Stopwatch.GetElapsedTime(start);
        TestContext.Current.TestOutputHelper?.WriteLine($"{took.TotalMilliseconds} ms {result}");
        return (result, took, GC.GetAllocatedBytesForCurrentThread() - memory);
    }
}
