using System.Text;
using System.Text.Json;
using Ocx.Audit.Wire;

namespace Ocx.Gate.Tests.Holding;

public sealed class AnswerTests
{
    private const string Result =
        """{"result":{"content":[{"type":"text","text":"ann, ben, cai, dan, eva, fay, gus, hal, ida, jon"}]},"""
        + "\"jsonrpc\":\"2.0\",\"id\":1}";

    private const string Progress =
        "event: message\ndata: {\"method\":\"notifications/progress\",\"params\":{\"progress\":1}}\n\n";

    private static readonly string s_padded = Result.Replace("jon", "jon" + new string('.', 300));

    private const string StreamHead =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

    [Fact]
    public void A_withheld_result_is_an_error_of_the_same_length_and_the_connection_goes_on()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        string answer = Wire.Json(s_padded);
        wire.FromServer(answer);
        wire.Decide(wire.Asked(), release: false, reason: "too many rows");

        Assert.Equal(answer.Length, wire.ClientGot.Length);
        Assert.Equal("result withheld by audit: too many rows", ErrorOf(BodyOf(wire.ClientGot)));
        Assert.False(wire.ServerReset);

        wire.FromClient(Wire.Post("get_rows", id: 2));
        wire.Decide(wire.Asked(), release: true);
        string second = Wire.Json("""{"result":{},"jsonrpc":"2.0","id":2}""");
        wire.FromServer(second);
        Assert.EndsWith(second, wire.ClientGot);
    }

    [Fact]
    public void A_result_that_is_refused_before_it_comes_is_rewritten_as_it_comes()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        wire.Decide(wire.Asked(), release: false);
        string answer = Wire.Json(s_padded);
        foreach (char[] piece in answer.Chunk(100))
        {
            wire.FromServer(new string(piece));
        }

        Assert.Equal(answer.Length, wire.ClientGot.Length);
        Assert.Equal("result withheld by audit: deletes 5000 rows", ErrorOf(BodyOf(wire.ClientGot)));
    }

    [Fact]
    public void The_head_of_a_refused_result_does_not_wait_for_a_body_whose_length_it_promises()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        wire.Decide(wire.Asked(), release: false);
        string answer = Wire.Json(s_padded);
        int head = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        wire.FromServer(answer[..head]);
        Assert.Equal(head, wire.ClientGot.Length);

        wire.FromServer(answer[head..]);
        Assert.Equal(answer.Length, wire.ClientGot.Length);
        Assert.Equal("result withheld by audit: deletes 5000 rows", ErrorOf(BodyOf(wire.ClientGot)));
    }

    [Fact]
    public void What_TCP_sends_again_of_a_rewritten_result_is_rewritten_the_same()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        string answer = Wire.Json(s_padded);
        wire.FromServer(answer);
        wire.Decide(wire.Asked(), release: false);
        string first = wire.ClientGot;
        wire.ToClient.SetLength(0);
        wire.AgainFromServer(answer);
        Assert.Equal(first, wire.ClientGot);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_acknowledges_what_he_does_not_have_does_not_get_what_the_server_said(bool beforeVerdict)
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        string answer = Wire.Json(s_padded);
        wire.FromServer(answer);
        if (beforeVerdict)
        {
            wire.AcknowledgedByClient();
        }

        wire.Decide(wire.Asked(), release: false);
        if (!beforeVerdict)
        {
            wire.AcknowledgedByClient();
            wire.FromClient(Wire.Post("get_rows", id: 2));
        }

        Assert.DoesNotContain("ann", wire.ClientGot);
        wire.ToClient.SetLength(0);
        wire.AgainFromServer(answer);
        Assert.NotEmpty(wire.ClientGot);
        Assert.DoesNotContain("ann", wire.ClientGot);
    }

    [Fact]
    public void Of_a_stream_only_the_answer_waits()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        string before = StreamHead + Chunk(Progress);
        wire.FromServer(before + Chunk($"event: message\ndata: {s_padded}\n\n"));
        Assert.StartsWith(before, wire.ClientGot);
        Assert.DoesNotContain("ann", wire.ClientGot);

        wire.Decide(wire.Asked(), release: true);
        wire.FromServer("0\r\n\r\n");
        Assert.Equal(before + Chunk($"event: message\ndata: {s_padded}\n\n") + "0\r\n\r\n", wire.ClientGot);
    }

    [Fact]
    public void A_withheld_event_is_an_error_inside_of_its_framing()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        string answer = StreamHead + Chunk(Progress) + Chunk($"event: message\ndata: {s_padded}\n\n");
        wire.FromServer(answer);
        wire.Decide(wire.Asked(), release: false);
        wire.FromServer("0\r\n\r\n");
        Assert.Equal(answer.Length + 5, wire.ClientGot.Length);
        Assert.DoesNotContain("ann", wire.ClientGot);
        string data = wire.ClientGot[(wire.ClientGot.LastIndexOf("data: ", StringComparison.Ordinal) + 6)..];
        Assert.Equal("result withheld by audit: deletes 5000 rows", ErrorOf(data[..data.IndexOf('\n')]));
        Assert.EndsWith("0\r\n\r\n", wire.ClientGot);
    }

    [Fact]
    public void An_event_that_has_only_begun_waits_with_the_call()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        wire.FromServer(StreamHead);
        string chunk = Chunk($"event: message\ndata: {s_padded}\n\n");
        foreach (char[] piece in chunk.Chunk(40))
        {
            wire.FromServer(new string(piece));
        }

        Assert.DoesNotContain("ann", wire.ClientGot);
        wire.Decide(wire.Asked(), release: true);
        Assert.Equal(StreamHead + chunk, wire.ClientGot);
        Assert.Equal(0, wire.Waiting);
    }

    [Fact]
    public void A_result_without_room_for_an_error_is_refused_by_the_gate_itself()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows"));
        wire.FromServer(Wire.Json("""{"result":1,"id":1}"""));
        wire.Decide(wire.Asked(), release: false);
        Assert.True(wire.ServerReset);
        Assert.True(wire.ClientSawEnd);
        Assert.Equal("result withheld by audit: deletes 5000 rows", ErrorOf(BodyOf(wire.ClientGot)));
    }

    [Fact]
    public void A_refused_call_waits_for_the_answers_before_it()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        wire.FromClient(Wire.Post("get_rows", id: 1) + Wire.Post("delete_rows", id: 2));
        Opened first = wire.Asked(),
            second = wire.Asked();
        Assert.Equal(Wire.Post("get_rows", id: 1), wire.ServerGot);
        wire.Decide(second, release: false);
        wire.Decide(first, release: true);
        Assert.Empty(wire.ClientGot);
        string answer = Wire.Json(s_padded);
        wire.FromServer(answer);
        Assert.StartsWith(answer, wire.ClientGot);
        Assert.Contains("refused by audit", wire.ClientGot);
        Assert.DoesNotContain("delete_rows", wire.ServerGot);
    }

    [Fact]
    public void A_client_that_waits_to_send_the_rest_of_a_held_call_is_acknowledged()
    {
        using var wire = new Wire(Wire.Audit());
        wire.Open();
        string post = Wire.Post("delete_rows"),
            first = post[..150],
            rest = post[150..];
        wire.FromClient(first);
        Assert.Equal(0, wire.Acknowledged);
        wire.AgainFromClient(Encoding.UTF8.GetBytes(first));
        wire.AgainFromClient(Encoding.UTF8.GetBytes(first));
        Assert.Equal(0, wire.Acknowledged);
        wire.AgainFromClient(Encoding.UTF8.GetBytes(first));
        Assert.Equal(first.Length, wire.Acknowledged);

        wire.FromClient(rest);
        wire.AgainFromClient(Encoding.UTF8.GetBytes(rest));
        Assert.Equal(first.Length, wire.Acknowledged);
        wire.Decide(wire.Asked(), release: true);
        Assert.Equal(post, wire.ServerGot);
    }

    private static string Chunk(string text) => $"{Encoding.UTF8.GetByteCount(text):x}\r\n{text}\r\n";

    private static string BodyOf(string response) =>
        response[(response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    private static string? ErrorOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal(-32090, document.RootElement.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(1, document.RootElement.GetProperty("id").GetInt32());
        return document.RootElement.GetProperty("error").GetProperty("message").GetString();
    }
}
