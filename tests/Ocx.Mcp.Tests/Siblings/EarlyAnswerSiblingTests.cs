using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>Servers that answer before they have read the request.</summary>
public sealed class EarlyAnswerSiblingTests
{
    private static readonly string s_long = Peer.Call(1, "a", $$"""{"x":"{{new string('y', 6000)}}"}""");

    public static TheoryData<string, string, int> Early =>
        new MatrixTheoryData<string, string, int>(
            ["length", "chunked", "chunked and length", "gzip", "upper case"],
            [
                "413 Payload Too Large",
                "401 Unauthorized",
                "400 Bad Request",
                "429 Too Many Requests",
                "503 Service Unavailable",
                "302 Found",
            ],
            [0, 1, 500]
        );

    [Theory]
    [MemberData(nameof(Early))]
    public void The_connection_is_kept_and_the_rest_of_the_request_comes(string framing, string status, int seen)
    {
        byte[] request = Framing.Requests[framing](s_long);
        int at = HeadOf(request) + Math.Min(seen, request.Length - HeadOf(request) - 1);
        new Dialogue()
            .Client(request[..at])
            .Server(Refusal(status))
            .Client(request[at..])
            .Client(Peer.Post(Peer.Call(2, "b")))
            .Server(Peer.Ok(Peer.Result(2)))
            .IsTold([$"a http_error({status[..3]})", "b ok"]);
    }

    [Theory]
    [InlineData("length", Ending.ByServer)]
    [InlineData("length", Ending.ByReset)]
    [InlineData("length", Ending.ByClient)]
    [InlineData("length", Ending.Open)]
    [InlineData("chunked", Ending.ByServer)]
    [InlineData("chunked", Ending.ByReset)]
    public void The_connection_is_closed_in_the_middle_of_the_request(string framing, Ending ending)
    {
        byte[] request = Framing.Requests[framing](s_long);
        foreach (string head in new[] { "Connection: close\r\nContent-Length: 7\r\n", "Connection: close\r\n" })
        {
            new Dialogue()
                .Client(request[..3000])
                .Server($"HTTP/1.1 413 Too Large\r\nContent-Type: text/plain\r\n{head}\r\ntoo big")
                .Client(request[3000..4000])
                .IsTold(["a http_error(413) truncated"], ending);
        }
    }

    [Theory]
    [InlineData("401 Unauthorized")]
    [InlineData("413 Payload Too Large")]
    [InlineData("417 Expectation Failed")]
    public void A_client_that_waits_for_100_Continue_is_refused_and_keeps_its_body(string status)
    {
        string request = Peer.Post(
            Peer.Call(1, "a"),
            "Mcp-Method: tools/call\r\nMcp-Name: a\r\nExpect: 100-continue\r\n"
        );
        string again = Peer.Post(Peer.Call(2, "b"), "Expect: 100-continue\r\n");
        int head = request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        new Dialogue()
            .Client(request[..head])
            .Server(Refusal(status))
            .Client(again)
            .Server("HTTP/1.1 100 Continue\r\n\r\n" + Peer.Ok(Peer.Result(2)))
            .IsTold([$"a http_error({status[..3]}) truncated", "b ok"]);
    }

    [Theory]
    [InlineData("417 Expectation Failed")]
    [InlineData("401 Unauthorized")]
    public void A_client_that_was_refused_may_still_send_the_body(string status)
    {
        string request = Peer.Post(Peer.Call(1, "a"), "Expect: 100-continue\r\n");
        int head = request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        new Dialogue()
            .Client(request[..head])
            .Server(Refusal(status))
            .Client(request[head..])
            .Client(Peer.Post(Peer.Call(2, "b")))
            .Server(Peer.Ok(Peer.Result(2)))
            .IsTold([$"a http_error({status[..3]})", "b ok"]);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("events")]
    public void The_result_itself_comes_early(string how)
    {
        byte[] request = Framing.Requests["length"](s_long);
        string json = Peer.Result(1);
        new Dialogue()
            .Client(request[..2000])
            .Server(how == "json" ? Peer.Ok(json) : Peer.EventStream() + Peer.Event(json) + Peer.LastChunk)
            .Client(request[2000..])
            .Client(Peer.Post(Peer.Call(2, "b")))
            .Server(Peer.Ok(Peer.Result(2)))
            .IsTold(["a ok", "b ok"]);
    }

    private static string Refusal(string status) =>
        $"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nno\n";

    private static int HeadOf(byte[] request) => request.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
}
