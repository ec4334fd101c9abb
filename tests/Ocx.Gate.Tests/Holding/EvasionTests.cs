using System.Text;
using Ocx.Audit.Wire;

namespace Ocx.Gate.Tests.Holding;

/// <summary>Requests that are written so that a gate and a server may read different calls in them.</summary>
public sealed class EvasionTests
{
    private const string Delete = """{"method":"tools/call","params":{"name":"delete_rows"},"jsonrpc":"2.0","id":1}""";

    private const string Call = "\"method\":\"tools/call\",\"params\":{\"name\":\"delete_rows\"}";

    [Theory]
    [InlineData("""{"method":"ping","method":"tools/call","params":{"name":"delete_rows"},"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"method":"tools/call","params":{"name":"get_rows","name":"delete_rows"},"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"method":"tools/call","params":{"name":"get_rows"},"params":{"name":"delete_rows"},"id":1}""")]
    [InlineData("""{"Method":"tools/call","params":{"name":"delete_rows"},"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"method":"tools/call","params":{"Name":"delete_rows"},"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"\u006dethod":"ping","method":"tools/call","params":{"name":"delete_rows"},"id":1}""")]
    [InlineData("""{"method":"tools/call","params":{"name":"delete_rows","uri":"get_rows"},"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"method":"tools/call","params":{"name":"delete_rows"},"jsonrpc":"2.0","id":true}""")]
    [InlineData("""{"method":"tools/call","params":{"name":"delete_rows"},"id":1}""")]
    [InlineData("""{"method":"tools/call","params":{"name":"delete_rows"},"jsonrpc":"2.0"}""")]
    [InlineData("""[{"x":1},{"method":"tools/call","params":{"name":"delete_rows"},"id":1}]""")]
    [InlineData("""{/**/"method":"tools/call","params":{"name":"delete_rows"},"jsonrpc":"2.0","id":1}""")]
    public void A_message_that_readers_read_differently_is_refused(string body) =>
        AssertRefused(Encoding.UTF8.GetBytes(WithLength(body)));

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public void A_message_in_another_encoding_is_refused(string encoding)
    {
        byte[] body = Encoding.GetEncoding(encoding).GetBytes(Delete),
            head = Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {body.Length}\r\n\r\n");
        AssertRefused([.. head, .. body]);
    }

    [Theory]
    [InlineData("content-length: 78\r\ncontent-length: 78\r\n")]
    [InlineData("content-length: 78\r\ntransfer-encoding: identity\r\n")]
    [InlineData("content-length: +78\r\n")]
    [InlineData("content-length : 78\r\n")]
    [InlineData("content-length: 78\n")]
    [InlineData("content-length: 78\r\nx: y\r\n folded: z\r\n")]
    [InlineData("content-length: 78\r\ncontent-encoding: gzip\r\n")]
    public void A_head_that_readers_read_differently_never_brings_a_call_to_the_server(string fields)
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient($"POST / HTTP/1.1\r\nhost: a\r\n{fields}\r\n{Delete}");
        wire.Pass(TimeSpan.FromSeconds(20));
        Assert.Empty(wire.ServerGot);
    }

    [Theory]
    [InlineData("4e\n", "\r\n0\r\n\r\n")]
    [InlineData("4e;\n", "\r\n0\r\n\r\n")]
    [InlineData("0x4e\r\n", "\r\n0\r\n\r\n")]
    [InlineData("4e\r\n", "\r\n0\r\nx\n\r\n\r\n")]
    public void Chunks_that_readers_read_differently_never_bring_a_call_to_the_server(string before, string behind)
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient($"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{before}{Delete}{behind}");
        wire.Pass(TimeSpan.FromSeconds(20));
        Assert.Empty(wire.ServerGot);
    }

    [Fact]
    public void A_request_that_contradicts_its_beginning_does_not_come_to_its_end()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        string padding = new('x', 3000),
            body = $$$"""{"method":"ping","id":1,"padding":"{{{padding}}}",{{{Call}}} }""",
            post = WithLength(body);
        wire.FromClient(post[..2000]);
        Assert.NotEmpty(wire.ServerGot);
        wire.FromClient(post[2000..]);
        Assert.DoesNotContain("delete_rows", wire.ServerGot);
        Assert.True(wire.ServerReset);
        Assert.Equal(0, wire.Waiting);
    }

    [Fact]
    public void A_call_that_is_answered_before_its_end_is_held_all_the_same()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        string post = Wire.Post("delete_rows");
        wire.FromClient(post[..100]);
        wire.FromServer(Wire.Json("{}"));
        wire.FromClient(post[100..]);
        Assert.Empty(wire.ServerGot);
        Assert.Equal("delete_rows", wire.Asked().Tool);
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("text/event-stream,application/json")]
    [InlineData("text/plain")]
    public void A_message_that_is_said_to_be_something_else_is_judged(string type)
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("delete_rows").Replace("application/json\r", type + "\r"));
        Assert.Empty(wire.ServerGot);
        Assert.Equal("delete_rows", wire.Asked().Tool);
    }

    // A decoder that takes a value when it ends does not wait for the body's end.
    [Theory]
    [InlineData("{\"method\":\"ping\",\"method\":\"tools/call\",\"params\":{\"name\":\"delete_rows\"},\"id\":1}")]
    [InlineData("{\"method\":\"ping\",\"id\":1}")]
    [InlineData("{\"method\":\"ping\",\"id\":1/*")]
    [InlineData("{\"method\":\"ping\",'\"':1}")]
    [InlineData("{\"method\":\"ping\",\"x\":\"\u0001")]
    public void No_whole_message_passes_before_its_requests_end(string message)
    {
        string padding = new(' ', 4000),
            post = WithLength($"{message}{padding}{Delete}");
        int begun = post.IndexOf("ping", StringComparison.Ordinal) + 6,
            ended = post.IndexOf(padding, StringComparison.Ordinal);
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(post[..begun]);
        wire.FromClient(post[begun..(ended + 10)]);
        wire.FromClient(post[(ended + 10)..(ended + 3000)]);
        Assert.InRange(wire.ServerGot.Length, 0, begun);
        wire.FromClient(post[(ended + 3000)..]);
        Assert.InRange(wire.ServerGot.Length, 0, begun);
        Assert.True(wire.ServerReset);
    }

    [Fact]
    public void An_answer_to_a_call_that_is_not_complete_waits()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        string post = Wire.Post("get_rows", arguments: $"{{\"x\":\"{new string('x', 3000)}\"}}"),
            answer = Wire.Json("""{"result":{"rows":"ann, ben"},"jsonrpc":"2.0","id":1}""");
        wire.FromClient(post[..2000]);
        Assert.NotEmpty(wire.ServerGot);
        wire.FromServer(answer);
        Assert.Empty(wire.ClientGot);
        wire.FromClient(post[2000..]);
        Assert.Empty(wire.ClientGot);
        wire.Decide(wire.Asked(), release: true);
        Assert.Equal(answer, wire.ClientGot);
    }

    [Theory]
    [InlineData("content-type: application/json\r\ncontent-type: text/event-stream\r\ncontent-length: 55\r\n")]
    [InlineData("content-type: text/event-stream, application/json\r\ncontent-length: 55\r\n")]
    [InlineData("content-type: application/json\r\ncontent-length: 55\r\ncontent-length: 55\r\n")]
    [InlineData("content-type: application/json\r\ncontent-length: 55\r\ntransfer-encoding: chunked\r\n")]
    public void An_answer_that_readers_read_differently_ends_the_connection(string fields)
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        wire.FromServer(
            $"HTTP/1.1 200 OK\r\n{fields}\r\n" + """{"result":{"rows":"ann, ben"},"jsonrpc":"2.0","id":1}"""
        );
        Assert.True(wire.ServerReset && wire.ClientReset);
        Assert.Empty(wire.ClientGot);
        Assert.Equal(1, wire.Counts.Audits.Single().Value.Closed(GateFailure.Unreadable));
    }

    [Fact]
    public void A_held_call_that_the_server_has_answered_already_goes_on_waiting()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("delete_rows"));
        Opened asked = wire.Asked();
        wire.FromServer("HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n");
        Assert.Empty(wire.ServerGot);
        wire.Decide(asked, release: false);
        Assert.Empty(wire.ServerGot);
    }

    // The other half of a request that the gate has not seen the first half of.
    [Fact]
    public void What_looks_like_a_request_in_the_midst_of_a_connection_hides_nothing_that_follows()
    {
        using var wire = new Wire(Wire.Audit());
        wire.IsOpen();
        wire.FromClient("PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nthe rest of a longer request");
        wire.FromClient(Wire.Post("delete_rows"));
        Assert.Empty(wire.ServerGot);
        wire.Pass(TimeSpan.FromSeconds(11));
        Assert.Empty(wire.ServerGot);
        Assert.True(wire.ServerReset);
    }

    [Fact]
    public void Of_a_connection_in_its_midst_the_first_request_is_answered_before_another_passes()
    {
        using var wire = new Wire(Wire.Audit());
        wire.IsOpen();
        string first = WithLength("""{"method":"ping","jsonrpc":"2.0","id":1}"""),
            second = WithLength("""{"method":"ping","jsonrpc":"2.0","id":2}"""),
            answer = Wire.Json("""{"result":{},"jsonrpc":"2.0","id":1}""");
        wire.FromClient(first);
        wire.FromClient(second);
        Assert.Equal(first, wire.ServerGot);
        wire.FromServer(answer);
        Assert.Equal(answer, wire.ClientGot);
        Assert.Equal(first + second, wire.ServerGot);
        wire.FromClient(second + second);
        Assert.Equal(first + second + second + second, wire.ServerGot);
    }

    [Fact]
    public void Of_a_connection_in_its_midst_nothing_is_answered_before_it_is_sent()
    {
        using var wire = new Wire(Wire.Audit());
        wire.IsOpen();
        wire.FromClient(Wire.Post("delete_rows"));
        wire.FromServer(Wire.Json("""{"result":{},"jsonrpc":"2.0","id":1}"""));
        Assert.True(wire.ServerReset);
        Assert.Empty(wire.ServerGot);
        Assert.Equal(1, wire.Counts.Audits.Single().Value.Closed(GateFailure.JoinedMidway));
    }

    [Fact]
    public void A_late_copy_of_a_closed_connection_is_no_call_of_another_one()
    {
        using var wire = new Wire(Wire.Audit());
        string post = Wire.Post("delete_rows"),
            answer = Wire.Json("""{"result":{},"jsonrpc":"2.0","id":1}""");
        wire.Open();
        wire.FromClient(post);
        wire.Decide(wire.Asked(), release: true);
        wire.FromServer(answer);
        wire.Close();

        wire.LateFromClient(post);
        wire.LateFromServer(answer);
        wire.Pass(TimeSpan.FromSeconds(4));
        wire.LateFromClient(post);
        Assert.True(wire.AsksNothing);
        Assert.False(wire.ServerReset || wire.ClientReset);
        Assert.Equal((post, answer), (wire.ServerGot, wire.ClientGot));
        Assert.DoesNotContain(wire.Counts.Audits, audit => audit.Value.Closed(GateFailure.JoinedMidway) > 0);
    }

    [Fact]
    public void What_lies_behind_the_end_of_a_closed_connection_goes_nowhere()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.Close();
        wire.FromClient(Wire.Post("delete_rows"));
        wire.FromServer(Wire.Json("{}"));
        Assert.Equal((string.Empty, string.Empty), (wire.ServerGot, wire.ClientGot));
        Assert.True(wire.AsksNothing);
    }

    [Fact]
    public void A_connection_of_the_same_ends_as_a_closed_one_is_followed()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.Close();
        wire.Open();
        wire.FromClient(Wire.Post("delete_rows"));
        Assert.Equal("delete_rows", wire.Asked().Tool);
    }

    [Fact]
    public void A_second_SYN_changes_nothing()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.AnotherSyn();
        wire.FromClient(Wire.Post("delete_rows"));
        Assert.Empty(wire.ServerGot);
    }

    [Fact]
    public void What_is_no_message_may_be_as_long_as_it_likes()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient($"PUT /file HTTP/1.1\r\nhost: a\r\ncontent-length: {4 << 20}\r\n\r\n");
        for (int i = 0; i < 4 << 20; i += 1 << 15)
        {
            wire.FromClient(
                new byte[1 << 15]
                    .Select(_ => (byte)'a')
                    .ToArray()
            );
        }

        Assert.Equal(0, wire.Waiting);
        Assert.False(wire.ServerReset);
    }

    private static void AssertRefused(byte[] request)
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(request);
        Assert.Empty(wire.ServerGot);
        Assert.True(wire.ServerReset);
        Assert.Contains("it cannot be read", wire.ClientGot);
        Assert.Equal(1, wire.Counts.Audits.Single().Value.Closed(GateFailure.Unreadable));
    }

    private static string WithLength(string body) =>
        $"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";
}
