using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Audit.Intents;
using Ocx.Audit.Policy;

namespace Ocx.Audit.Tests.Policy;

/// <summary>Rules that are made at random: what compiles is evaluated on calls of all kinds.</summary>
public class RandomRuleTests
{
    private static readonly string[] s_values =
    [
        "1",
        "-1",
        "0",
        "1.5",
        "'a'",
        "''",
        "true",
        "false",
        "null",
        "[]",
        "[1, 'a']",
        "{}",
        "{'a': 1}",
        "9223372036854775807",
        "duration('1h')",
        "duration('-292y')",
        "call.time",
        "call.tool",
        "call.requestBytes",
        "call.arguments",
        "call.arguments.a",
        "call.arguments.l",
        "call.arguments.m.b",
        "tool.readOnlyHint",
        "timestamp('0001-01-01T00:00:00Z')",
        "timestamp('9999-12-31T23:59:59Z')",
        "dyn('a')",
        "dyn(1)",
        "dyn([1, [2]])",
    ];

    // {0} and {1} are expressions.
    private static readonly string[] s_shapes =
    [
        "({0} + {1})",
        "({0} - {1})",
        "({0} * {1})",
        "({0} / {1})",
        "({0} % {1})",
        "(-{0})",
        "(!{0})",
        "({0} == {1})",
        "({0} != {1})",
        "({0} < {1})",
        "({0} >= {1})",
        "({0} in {1})",
        "({0} && {1})",
        "({0} || {1})",
        "({0} ? {1} : {0})",
        "{0}.a",
        "has({0}.a)",
        "{0}[{1}]",
        "size({0})",
        "{0}.contains({1})",
        "{0}.startsWith({1})",
        "{0}.matches('a+$')",
        "{0}.lowerAscii()",
        "{0}.trim()",
        "int({0})",
        "double({0})",
        "string({0})",
        "bool({0})",
        "timestamp({0})",
        "duration({0})",
        "dyn({0})",
        "{0}.getHours()",
        "{0}.getDayOfWeek('+14:00')",
        "{0}.getMonth('-12:00')",
        "{0}.exists(x, x == {1})",
        "{0}.all(x, x != {1})",
        "{0}.exists_one(x, {1})",
        "{0}.filter(x, {1})",
        "{0}.map(x, x + {1})",
        "[{0}, {1}]",
        "{{'a': {0}, 'b': {1}}}",
    ];

    private static readonly Intent[] s_calls =
    [
        CelHarness.Call("a", """{"a":"a","l":[1,"a",null,[2]],"m":{"b":true}}"""),
        CelHarness.Call("b", """{"a":1.5,"l":{},"m":null}"""),
        CelHarness.Call(string.Empty, "{}"),
        CelHarness.Call("a", "[") with
        {
            Time = DateTimeOffset.MinValue,
            Class = CallClass.Reversible,
        },
        CelHarness.Call("c") with
        {
            Time = DateTimeOffset.MaxValue,
        },
    ];

    [Fact]
    public void Nothing_is_thrown_and_most_rules_compile()
    {
        var compiled = 0;
        Check(
            Gen.Sized(size => Any(Math.Min(size, 12))),
            text =>
            {
                if (Compile($"{text} == 1") is { } condition)
                {
                    compiled++;
                    Assert.All(s_calls, call => condition.Evaluate(new CallFacts(call)));
                }
            }
        );
        Assert.True(compiled > 2500, $"{compiled}");
    }

    // A warning is a proof.
    [Fact]
    public void What_is_said_to_match_nothing_or_everything_does()
    {
        var (never, always) = (0, 0);
        Check(
            Gen.Sized(size => Logic(Math.Min(size, 10))),
            text =>
            {
                var condition = Compile(text)!;
                var warning = condition.Warning(CelHarness.Methods);
                never += warning == "it can match no call" ? 1 : 0;
                always += warning == "it matches every call" ? 1 : 0;
                Assert.All(
                    s_calls,
                    call =>
                    {
                        var result = condition.Evaluate(new CallFacts(call));
                        Assert.False(result.IsTrue && warning == "it can match no call", text);
                        Assert.False(
                            !result.IsTrue && result.Failure is null && warning == "it matches every call",
                            text
                        );
                    }
                );
            }
        );
        Assert.True(never > 50 && always > 50, $"{never} {always}");
    }

    private static void Check(Gen<string> rules, Action<string> check) =>
        Prop.ForAll(rules.ToArbitrary(), check).Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithStartSize(1));

    private static CallCondition? Compile(string text)
    {
        try
        {
            return CallCondition.Compile(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static Gen<string> Any(int size) =>
        size < 2
            ? Gen.Elements(s_values).Select(value => $"dyn({value})")
            : from shape in Gen.Elements(s_shapes)
            from left in Any(size / 2)
            from right in Any(size / 2)
            select $"dyn({string.Format(CultureInfo.InvariantCulture, shape, left, right)})";

    private static Gen<string> Logic(int size)
    {
        if (size < 2)
        {
            return Gen.Elements(
                "call.tool == 'a'",
                "call.tool != 'a'",
                "call.tool == 'b'",
                "call.tool in ['a', 'b']",
                "call.tool == ''",
                "call.tool.startsWith('a')",
                "call.class == 'Reversible'",
                "call.class == 'Irreversible'",
                "call.argumentsComplete",
                "call.arguments.a == 'a'",
                "call.arguments.a == 1.5",
                "has(call.arguments.a)",
                "call.arguments.m.b",
                "call.method == 'tools/call'",
                "true",
                "1 > 2"
            );
        }

        var half = Logic(size / 2);
        return Gen.OneOf(
            from left in half
            from right in half
            select $"({left} && {right})",
            from left in half
            from right in half
            select $"({left} || {right})",
            from inner in half
            select $"!({inner})",
            from left in half
            from middle in half
            from right in half
            select $"({left} ? {middle} : {right})"
        );
    }
}
