using System.Text;
using Ocx.Audit.Classes;
using Ocx.Audit.Intents;
using Ocx.Audit.Ledger;
using Ocx.Audit.Policy;
using Ocx.Audit.Reverts;

namespace Ocx.Audit.Tests.Reverts;

/// <summary>A compensating call has exactly what was sent, or the call is irreversible and says why.</summary>
public sealed class CompensationsTests
{
    [Theory]
    [InlineData("""{"order":42}""", "call.arguments.order", "42")]
    [InlineData("""{"order":9007199254740993}""", "call.arguments.order", "9007199254740993")]
    [InlineData("""{"price":12.75}""", "call.arguments.price", "12.75")]
    [InlineData("""{"who":"Ann \"é\" \ud83d\ude00"}""", "call.arguments.who", "\"Ann \\\"é\\\" 😀\"")]
    [InlineData("""{"a":{"b":[1,null,true]},"c":1}""", "call.arguments", """{"a":{"b":[1,null,true]},"c":1}""")]
    [InlineData("""{"amount":3}""", "-call.arguments.amount", "-3")]
    [InlineData("""{"key":"[redacted]","order":1}""", "call.arguments.order", "1")]
    [InlineData("""{"key":"[redacted]"}""", "has(call.arguments.key) ? 'it has one' : ''", "\"it has one\"")]
    [InlineData("{}", "string(call.time)", "\"2026-07-28T22:30:00Z\"")]
    [InlineData("{}", "call.tool + '/' + call.key", "\"cancel_order/node/1\"")]
    public void Its_arguments_are_those_that_were_sent(string arguments, string expression, string expected)
    {
        RevertPlan? plan = Of(expression).Of(Call(arguments));
        Assert.Null(plan!.Irreversible);
        Assert.Equal(("restore_order", "/mcp"), (plan.Tool, plan.Path));
        Assert.Equal($$"""{"x":{{expected}}}""", Encoding.UTF8.GetString(plan.Arguments.Span));
    }

    [Theory]
    [InlineData("""{"order":"[redacted]"}""", "call.arguments.order")]
    [InlineData("""{"order":"key [redacted] and more"}""", "call.arguments.order.size()")]
    [InlineData("""{"order":"[redacted]"}""", "call.arguments.order == 'a' ? 1 : 2")]
    [InlineData("""{"order":["[redacted]"]}""", "call.arguments.order == ['a'] ? 1 : 2")]
    [InlineData("""{"order":["[redacted]"]}""", "'a' in call.arguments.order ? 1 : 2")]
    [InlineData("""{"order":{"a":"[redacted]"}}""", "call.arguments.order != {'a': 'b'} ? 1 : 2")]
    [InlineData("""{"order":["b","[redacted]"]}""", "call.arguments.order.exists(o, o == 'a') ? 1 : 2")]
    [InlineData("""{"order":[{"a":"[redacted]"}]}""", "call.arguments.order")]
    [InlineData("""{"order":{"[redacted]":1}}""", "has(call.arguments.order.a) ? 1 : 2")]
    [InlineData("""{"[redacted]":1,"order":2}""", "call.arguments.order")]
    public void What_is_masked_makes_it_irreversible(string arguments, string expression)
    {
        RevertPlan? plan = Of(expression).Of(Call(arguments));
        Assert.Equal("the argument 'x' of restore_order is not known: it reads what is masked", plan!.Irreversible);
        Assert.Equal((0, ""), (plan.Arguments.Length, plan.Tool));
    }

    [Theory]
    [InlineData("""{"order":12345678901234567890}""", "call.arguments.order", "more digits than CEL keeps")]
    [InlineData("""{"order":0.12345678901234567890123}""", "call.arguments.order", "more digits than CEL keeps")]
    [InlineData("""{"order":1e300}""", "call.arguments.order", "more digits than CEL keeps")]
    [InlineData("""{"other":1}""", "call.arguments.order", "there is no 'order'")]
    [InlineData("""{"order":1,"order":2}""", "call.arguments.order", "no JSON that has one reading")]
    [InlineData("""{"order":1}""", "dyn(call.time)", "a timestamp, which is no JSON")]
    [InlineData("""{"order":1}""", "1.0 / 0.0", "a double, which is no JSON")]
    public void What_cannot_be_kept_makes_it_irreversible(string arguments, string expression, string why) =>
        Assert.Contains(why, Of(expression).Of(Call(arguments))!.Irreversible, StringComparison.Ordinal);

    [Fact]
    public void Arguments_that_were_not_all_seen_or_are_too_long_make_it_irreversible()
    {
        Intent part = Call("{}") with { ArgumentsComplete = false };
        Assert.Contains("not all seen", Of("call.arguments.order").Of(part)!.Irreversible, StringComparison.Ordinal);
        string text = new('a', LedgerLimits.Arguments);
        Intent full = Call($$"""{"order":"{{text}}"}""");
        Assert.Contains("8192 characters", Of("call.arguments.order").Of(full)!.Irreversible, StringComparison.Ordinal);
        string many = string.Join(" + ", Enumerable.Repeat("call.arguments.order", 8));
        Assert.Contains("too long", Of($"[{many}]").Of(full)!.Irreversible, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_declaration_that_matches_the_tool_counts_and_other_methods_have_none()
    {
        var declared = new Compensations("/", [One("get_*", "first", "1"), One("*_order", "second", "2")]);
        Assert.Equal("second", declared.Of(Call("{}"))!.Tool);
        Assert.Equal("first", declared.Of(Call("{}") with { Tool = "get_order" })!.Tool);
        Assert.Null(declared.Of(Call("{}") with { Tool = "add" }));
        Assert.Null(declared.Of(Call("{}") with { Method = "prompts/get" }));
    }

    [Theory]
    [InlineData("call.time", "JSON has no timestamp")]
    [InlineData("result.id", "there is no variable 'result'")]
    [InlineData("call.argument", "did you mean 'arguments'")]
    [InlineData("", "")]
    public void An_expression_that_cannot_be_used_is_refused(string text, string why) =>
        Assert.Contains(
            why,
            Assert.Throws<FormatException>(() => CallExpression.Compile(text)).Message,
            StringComparison.Ordinal
        );

    private static Compensations Of(string expression) => new("/mcp", [One("cancel_*", "restore_order", expression)]);

    private static Compensation One(string tools, string tool, string expression) =>
        new([Glob.TryParse(tools, out Glob? glob) ? glob : null!], tool, [("x", CallExpression.Compile(expression))]);

    private static Intent Call(string arguments) => Policy.CelHarness.Call("cancel_order", arguments);
}
