using System.Text;
using Ocx.Audit.Intents;
using Ocx.Audit.Policy;

namespace Ocx.Audit.Tests.Policy;

public class CallEnvironmentTests
{
    private static readonly Intent s_call = CelHarness.Call() with
    {
        ArgumentsDigest = "abc",
        CredentialInArguments = true,
        Server = new Party
        {
            Pod = "db-0",
            Workload = "statefulset/db",
            Name = "rows",
            Version = "1.2",
        },
        Session = "s1",
        ProtocolVersion = "2026-07-28",
        Hints = new ToolHints(ReadOnly: true, Destructive: false, Idempotent: null, OpenWorld: null),
    };

    [Theory]
    [InlineData("call.key == 'node/1' && call.method == 'tools/call' && call.tool == 'delete_rows'")]
    [InlineData("call.arguments == {} && call.argumentsComplete && call.argumentsDigest == 'abc'")]
    [InlineData("call.requestBytes == 200 && call.class == 'Irreversible' && call.credentialInArguments")]
    [InlineData("call.time == timestamp('2026-07-28T22:30:00Z') && call.protocolVersion == '2026-07-28'")]
    [InlineData("call.time.getHours() == 22 && call.time.getHours('Europe/Berlin') == 0")]
    [InlineData("call.time - timestamp('2026-07-28T22:00:00Z') == duration('30m')")]
    [InlineData("tool.name == 'delete_rows' && tool.readOnlyHint && !tool.destructiveHint")]
    [InlineData("!tool.idempotentHint && tool.openWorldHint")] // MCP's defaults
    [InlineData("has(tool.readOnlyHint) && !has(tool.idempotentHint) && !has(tool.openWorldHint)")]
    [InlineData("client.address == '10.0.0.1:40000' && client.namespace == 'agents' && client.pod == ''")]
    [InlineData("has(client.namespace) && !has(client.pod)")]
    [InlineData("server.pod == 'db-0' && server.workload == 'statefulset/db' && server.name == 'rows'")]
    [InlineData("server.version == '1.2' && session == 's1' && !has(call.arguments)")]
    public void Each_name_has_what_it_says(string when) => Assert.True(CelHarness.IsTrue(when, s_call));

    [Fact]
    public void The_documentation_has_every_name_with_its_type()
    {
        var table = new StringBuilder("| Name | Type | What it holds |\n| --- | --- | --- |\n");
        foreach (var (name, type, meaning) in CallEnvironment.Variables)
        {
            table.Append($"| `{name}` | {type} | {meaning} |\n");
        }

        var page = File.ReadAllText(Checkout.PathOf("docs", "audit-rules.md"));
        Assert.Contains(table.ToString(), page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"n":9007199254740993}""", "call.arguments.n == 9007199254740993")]
    [InlineData("""{"n":9007199254740993}""", "call.arguments.n != 9007199254740992")]
    [InlineData("""{"n":3}""", "call.arguments.n % 2 == 1 && call.arguments.n == 3.0 && call.arguments.n < 3.5")]
    [InlineData("""{"n":3.0}""", "call.arguments.n == 3 && call.arguments.n / 2.0 == 1.5")]
    [InlineData("""{"n":1e2}""", "call.arguments.n == 100")]
    [InlineData("""{"n":18446744073709551616}""", "call.arguments.n > 9223372036854775807")]
    [InlineData("""{"n":null,"b":true}""", "call.arguments.n == null && call.arguments.b")]
    [InlineData("""{"l":["a",{"b":1}]}""", "call.arguments.l[1].b == 1 && size(call.arguments.l) == 2")]
    [InlineData("""{"x-y":1}""", "call.arguments['x-y'] == 1 && 'x-y' in call.arguments && !('x' in call.arguments)")]
    [InlineData("""{"s":"\ud83d\ude00"}""", "call.arguments.s == '\\U0001F600' && size(call.arguments.s) == 1")]
    [InlineData("""{"a":{}}""", "has(call.arguments.a) && !has(call.arguments.a.b) && !has(call.arguments.c)")]
    public void Arguments_are_values_of_cel(string arguments, string when) =>
        Assert.True(CelHarness.IsTrue(when, CelHarness.Call(arguments: arguments)));

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":{"b":1,"\u0062":2}}""")]
    [InlineData("""{"a":1} 5""")]
    [InlineData("""{"a":1""")]
    [InlineData("""["a"]""")]
    [InlineData("\"beginning\"")]
    [InlineData("""{"a":"\ud83d"}""")]
    public void Arguments_with_no_single_reading_are_an_error(string arguments)
    {
        var call = CelHarness.Call(arguments: arguments);
        Assert.Contains(
            "no JSON",
            CelHarness.Evaluate("has(call.arguments.a)", call).Failure!,
            StringComparison.Ordinal
        );
        Assert.False(CelHarness.IsTrue("call.argumentsComplete", call));
        Assert.True(CelHarness.IsTrue("!call.argumentsComplete || has(call.arguments.a)", call));
    }

    [Fact]
    public void Arguments_that_are_not_all_there_are_an_error_and_no_absence()
    {
        var cut = CelHarness.Call(arguments: """{"a":1}""") with { ArgumentsComplete = false };
        Assert.Contains(
            "not all seen",
            CelHarness.Evaluate("has(call.arguments.force)", cut).Failure!,
            StringComparison.Ordinal
        );
        Assert.False(CelHarness.IsTrue("call.argumentsComplete || has(call.arguments)", cut));
        var large = CelHarness.Call(arguments: $$"""{"a":"{{new string('x', 256 * 1024)}}"}""");
        Assert.Contains(
            "more than 256 KiB",
            CelHarness.Evaluate("has(call.arguments.a)", large).Failure!,
            StringComparison.Ordinal
        );
        Assert.False(CelHarness.IsTrue("call.argumentsComplete", large));
    }
}
