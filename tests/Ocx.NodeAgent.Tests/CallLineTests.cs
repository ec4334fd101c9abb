using System.Buffers;
using System.Text;
using System.Text.Json;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Output;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class CallLineTests
{
    private readonly ArrayBufferWriter<byte> _output = new();

    [Fact]
    public void A_call_without_an_answer_is_told_at_the_end_with_secrets_masked()
    {
        const string Request =
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":"""
            + """{"a":1,"header":"Bearer abcdefghijklmnop0123456789"}}}"""
            + "\n";
        CallFollower calls = Follow(new(), CallLine.WriteJson);
        calls.Accept(CapturedSegment.Read(Records.Ipv4(Encoding.UTF8.GetBytes(Request))));
        Assert.Equal(0, _output.WrittenCount);

        calls.Finish();

        string line = Encoding.UTF8.GetString(_output.WrittenSpan);
        JsonElement call = JsonDocument.Parse(line).RootElement;
        Assert.Equal("tools/call", call.GetProperty("method").GetString());
        Assert.Equal("unpaired", call.GetProperty("status").GetString());
        Assert.EndsWith("}\n", line, StringComparison.Ordinal);
        Assert.DoesNotContain("abcdefghijklmnop0123456789", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Configured_places_and_patterns_are_masked_too()
    {
        const string Request =
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":"""
            + """{"user":{"email":"ann@example.com"},"note":"order ACME-12345, 2"}}}"""
            + "\n";
        CallFollower calls = Follow(
            new()
            {
                Redaction = new() { Paths = ["$.user.email"], Patterns = ["ACME-[0-9]+"] },
            },
            CallLine.WriteJson
        );
        calls.Accept(CapturedSegment.Read(Records.Ipv4(Encoding.UTF8.GetBytes(Request))));
        calls.Finish();

        JsonElement arguments = JsonDocument.Parse(_output.WrittenMemory).RootElement.GetProperty("arguments");
        Assert.Equal("""{"user":{"email":"[redacted]"},"note":"order [redacted], 2"}""", arguments.GetRawText());
    }

    [Fact]
    public void With_metadata_alone_a_call_has_no_arguments()
    {
        const string Request = """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":12345}}}

            """;
        CallFollower calls = Follow(new() { Payload = PayloadMode.Metadata }, CallLine.WriteJson);
        calls.Accept(CapturedSegment.Read(Records.Ipv4(Encoding.UTF8.GetBytes(Request))));
        calls.Finish();

        string line = Encoding.UTF8.GetString(_output.WrittenSpan);
        Assert.Contains("\"name\":\"add\"", line, StringComparison.Ordinal);
        Assert.DoesNotContain("arguments", line, StringComparison.Ordinal);
        Assert.DoesNotContain("12345", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_for_a_person_tells_who_called_what_and_how_it_went_and_no_argument()
    {
        const string Request = """
            {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":12345}}}

            """;
        CallFollower calls = Follow(new(), CallLine.WriteForPeople);
        calls.Accept(CapturedSegment.Read(Records.Ipv4(Encoding.UTF8.GetBytes(Request))));
        calls.Finish();

        // Nothing of the answer's direction was seen, so the call is not complete.
        string line = Encoding.UTF8.GetString(_output.WrittenSpan);
        Assert.Matches(
            @"^[0-9:.]{12} [0-9.:]+ → [0-9.:]+ tools/call add [0-9.]+ms unpaired [0-9]+ B → 0 B gap\n$",
            line
        );
    }

    [Fact]
    public void What_is_no_MCP_makes_no_line()
    {
        CallFollower calls = Follow(new(), CallLine.WriteJson);
        calls.Accept(CapturedSegment.Read(Records.Ipv4("SSH-2.0-OpenSSH_9.2\r\n"u8)));
        calls.Tick();
        calls.Finish();

        Assert.Equal(0, _output.WrittenCount);
    }

    private CallFollower Follow(McpOptions options, Action<IBufferWriter<byte>, CallRecord> write) =>
        new(new MonotonicClock(), options, new Lines(write, _output));

    private sealed class Lines(Action<IBufferWriter<byte>, CallRecord> write, IBufferWriter<byte> output)
        : ICallObserver
    {
        public void OnCall(CallRecord call) => write(output, call);
    }
}
