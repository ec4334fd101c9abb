using System.Globalization;
using System.Text;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Telemetry;
using Ocx.NodeProgram;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class CallMetricsTests
{
    private const string Add = """
        {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":1}}}

        """;

    private readonly CallMetrics _metrics = new();

    [Fact]
    public void A_call_is_timed_by_what_the_convention_tells_calls_apart()
    {
        Call(Add, """{"jsonrpc":"2.0","id":1,"result":{"content":[]}}""", TimeSpan.FromMilliseconds(150));
        const string Labels =
            "mcp_method_name=\"tools/call\",gen_ai_tool_name=\"add\",network_transport=\"tcp\","
            + "server_address=\"10.0.1.10\",server_port=\"8080\"";

        string[] lines = Lines();
        Assert.Contains($"mcp_server_operation_duration_seconds_bucket{{{Labels},le=\"0.1\"}} 0", lines);
        Assert.Contains($"mcp_server_operation_duration_seconds_bucket{{{Labels},le=\"0.2\"}} 1", lines);
        Assert.Contains($"mcp_server_operation_duration_seconds_bucket{{{Labels},le=\"300.0\"}} 1", lines);
        Assert.Contains($"mcp_server_operation_duration_seconds_bucket{{{Labels},le=\"+Inf\"}} 1", lines);
        Assert.Contains($"mcp_server_operation_duration_seconds_sum{{{Labels}}} 0.15", lines);
        Assert.Contains($"mcp_server_operation_duration_seconds_count{{{Labels}}} 1", lines);
        Assert.Contains("""ocx_agent_client_calls_total{client_address="10.0.1.5"} 1""", lines);
        Assert.Contains("""ocx_agent_calls_total{status="ok"} 1""", lines);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[]}}""", "tool_error", "tool_error")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}}""", "-32602", "rpc_error")]
    [InlineData("""{"jsonrpc":"2.0","id":2,"result":{}}""", "unpaired", "unpaired")]
    public void What_went_wrong_is_the_error_type(string answer, string type, string status)
    {
        Call(Add, answer, TimeSpan.FromSeconds(1));
        string[] lines = Lines();
        Assert.Contains(
            lines,
            line =>
                line.StartsWith("mcp_server_operation_duration_seconds_count{", StringComparison.Ordinal)
                && line.Contains($"error_type=\"{type}\"", StringComparison.Ordinal)
        );
        Assert.Contains($"ocx_agent_calls_total{{status=\"{status}\"}} 1", lines);
    }

    [Fact]
    public void A_name_from_the_wire_stays_one_label_of_one_line()
    {
        string name = "a\\\"b\\n\\u001b[31m" + new string('x', 500);
        Call(
            $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{name}}}"}}""" + "\n",
            "{}",
            TimeSpan.Zero
        );
        string line = Assert.Single(
            Lines(),
            line => line.StartsWith("mcp_server_operation_duration_seconds_count", StringComparison.Ordinal)
        );
        Assert.Matches("gen_ai_tool_name=\"a\\\\\"b\\\\\\\\n\\\\\\\\u{1b}\\[31mx{104}…\"", line);
    }

    [Fact]
    public void Names_without_end_are_counted_as_other()
    {
        for (int i = 0; i < 1100; i++)
        {
            string request =
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m/" + i.ToString(CultureInfo.InvariantCulture) + "\"}\n";
            Call(request, $$$"""{"jsonrpc":"2.0","id":1,"error":{"code":{{{i}}},"message":""}}""", TimeSpan.Zero);
        }

        string[] lines = Lines();
        // The shared series is one more than the bound.
        Assert.Equal(
            1001,
            lines.Count(line =>
                line.StartsWith("mcp_server_operation_duration_seconds_count", StringComparison.Ordinal)
            )
        );
        Assert.Contains("""ocx_agent_metric_overflow_total{metric="mcp_server_operation_duration"} 100""", lines);
        Assert.Contains(
            lines,
            line =>
                line.StartsWith(
                    "mcp_server_operation_duration_seconds_count{mcp_method_name=\"other\"",
                    StringComparison.Ordinal
                )
                && line.Contains("error_type=\"other\"", StringComparison.Ordinal)
                && line.EndsWith(" 100", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("m")]
    [InlineData("測")]
    [InlineData("\\\"")]
    [InlineData("\\u202e")]
    public void Whatever_names_calls_have_the_text_stays_within_its_bound(string letter)
    {
        for (int i = 0; i < 1200; i++)
        {
            string name =
                i.ToString(CultureInfo.InvariantCulture)
                + string.Concat(Enumerable.Repeat(letter, i == 0 ? 250_000 : 1000));
            Call(
                $$$$"""{"jsonrpc":"2.0","id":1,"method":"{{{{name}}}}","params":{"_meta":"""
                    + $$$$"""{"io.modelcontextprotocol/protocolVersion":"{{{{name}}}}"}}}"""
                    + "\n",
                """{"jsonrpc":"2.0","id":1,"result":{}}""",
                TimeSpan.Zero
            );
        }

        string text = string.Join('\n', Lines());
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 1 << 20, CallMetrics.MaxBytes);
        Assert.All(text.Split('\n'), line => Assert.InRange(Encoding.UTF8.GetByteCount(line), 1, 4096));
        Assert.Contains("ocx_agent_calls_total{status=\"ok\"} 1200\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_kept_of_a_name_is_no_longer_than_what_is_shown()
    {
        string name = new('x', 250_000);
        var keys = new Keys();
        var calls = new CallFollower(new MonotonicClock(), new McpOptions(), keys);
        foreach (string method in new[] { name, "tools/call", "prompts/get" })
        {
            calls.Accept(
                CapturedSegment.Read(
                    Records.Ipv4(
                        Encoding.UTF8.GetBytes(
                            $$$"""{"jsonrpc":"2.0","id":1,"method":"{{{method}}}","params":{"name":"{{{name}}}"}}"""
                                + "\n"
                        )
                    )
                )
            );
            calls.Finish();
        }

        Assert.Equal(3, keys.Seen.Count);
        Assert.All(
            keys.Seen,
            key =>
                Assert.All(
                    [key.Method, key.Tool, key.Prompt, key.Version],
                    text => Assert.InRange(text.Length, 0, Labels.LongestValue)
                )
        );
    }

    [Fact]
    public void OpenMetrics_names_counters_without_their_suffix_and_has_an_end()
    {
        Call(Add, """{"jsonrpc":"2.0","id":1,"result":{}}""", TimeSpan.Zero);
        string[] lines = Lines(openMetrics: true);
        Assert.Contains("# TYPE ocx_agent_calls counter", lines);
        Assert.Contains("# UNIT mcp_server_operation_duration_seconds seconds", lines);
        Assert.Equal("# EOF", lines[^1]);
    }

    private string[] Lines(bool openMetrics = false)
    {
        var text = new MetricsText(openMetrics);
        _metrics.Render(text);
        return text.ToString().TrimEnd('\n').Split('\n');
    }

    private void Call(string request, string answer, TimeSpan later)
    {
        var calls = new CallFollower(new MonotonicClock(), new McpOptions(), _metrics);
        foreach (
            byte[] record in Records.Conversation(
                Encoding.UTF8.GetBytes(request),
                Encoding.UTF8.GetBytes(answer + "\n"),
                later
            )
        )
        {
            calls.Accept(CapturedSegment.Read(record));
        }
        calls.Finish();
    }

    private sealed class Keys : ICallObserver
    {
        public List<Operation> Seen { get; } = [];

        public void OnCall(CallRecord call) => Seen.Add(Operation.Of(call));
    }
}
