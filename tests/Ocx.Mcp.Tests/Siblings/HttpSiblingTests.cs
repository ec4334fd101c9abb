using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>One call after another in each framing that HTTP peers use, cut in each way.</summary>
public sealed class HttpSiblingTests
{
    private static readonly string[] s_two = ["a ok", "b ok"];

    public static TheoryData<string> Requests => [.. Framing.Requests.Keys];

    public static TheoryData<string> Responses => [.. Framing.Responses.Keys];

    public static TheoryData<string, Ending> UntilClose =>
        new MatrixTheoryData<string, Ending>(Framing.UntilClose.Keys, [Ending.ByServer, Ending.ByReset, Ending.Open]);

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_in_each_framing(string framing)
    {
        Func<string, byte[]> frame = Framing.Requests[framing];
        HoldsFor(
            new Dialogue()
                .Client(frame(Peer.Call(1, "a")))
                .Server(Peer.Ok(Peer.Result(1)))
                .Client(frame(Peer.Call(2, "b")))
                .Server(Peer.Ok(Peer.Result(2)))
        );
    }

    [Theory]
    [MemberData(nameof(Responses))]
    public void A_response_in_each_framing(string framing)
    {
        Func<string, byte[]> frame = Framing.Responses[framing];
        HoldsFor(
            new Dialogue()
                .Client(Peer.Post(Peer.Call(1, "a")))
                .Server(frame(Peer.Result(1)))
                .Client(Peer.Post(Peer.Call(2, "b")))
                .Server(frame(Peer.Result(2)))
        );
    }

    [Theory]
    [MemberData(nameof(UntilClose))]
    public void A_response_that_lasts_until_the_server_closes(string framing, Ending ending)
    {
        new Dialogue()
            .Client(Peer.Post(Peer.Call(1, "a")))
            .Server(Framing.UntilClose[framing](Peer.Result(1)))
            .IsTold(["a ok"], ending);
    }

    [Theory]
    [InlineData(Ending.ByReset)]
    [InlineData(Ending.Open)]
    public void Half_of_such_a_response_is_no_answer_and_no_fault(Ending ending)
    {
        string half = $$"""{"jsonrpc":"2.0","id":1,"result":{"content":["{{new string('x', 3000)}}""";
        new Dialogue()
            .Client(Peer.Post(Peer.Call(1, "a")))
            .Server("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + half)
            .IsTold(["a unpaired"], ending);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_whose_body_waits_for_100_Continue(string framing)
    {
        byte[] request = Framing.Requests[framing](Peer.Call(1, "a"));
        int head = Math.Max(request.AsSpan(4).IndexOf("\r\n\r\n"u8), request.AsSpan().IndexOf("\n\n"u8) - 6) + 8;
        new Dialogue()
            .Client(request[..head])
            .Server("HTTP/1.1 100 Continue\r\n\r\n")
            .Client(request[head..])
            .Server(Peer.Ok(Peer.Result(1)))
            .Client(Peer.Post(Peer.Call(2, "b")))
            .Server(Peer.Ok(Peer.Result(2)))
            .IsTold(s_two);
    }

    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\nAccepted")]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull")]
    [InlineData(
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n")]
    public void A_notification_has_an_answer_without_a_message(string answer)
    {
        HoldsFor(
            new Dialogue()
                .Client(Peer.Post("""{"jsonrpc":"2.0","method":"notifications/initialized"}"""))
                .Server(answer)
                .Client(Peer.Post(Peer.Call(1, "a")))
                .Server(Peer.Ok(Peer.Result(1)))
                .Client(Peer.Post(Peer.Call(2, "b")))
                .Server(Peer.Ok(Peer.Result(2)))
        );
    }

    [Theory]
    [InlineData("HEAD /mcp HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HEAD /mcp HTTP/1.1\r\n\r\n", "HTTP/1.1 405 No\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 204 No Content\r\nAllow: POST\r\n\r\n")]
    [InlineData("GET /mcp HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 3\r\n\r\nno\n")]
    [InlineData("DELETE /mcp HTTP/1.1\r\nMcp-Session-Id: s\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData(
        "GET /healthz HTTP/1.1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
    )]
    [InlineData(
        "GET /status HTTP/1.1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"up\"}"
    )]
    [InlineData(
        "GET / HTTP/1.1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n0\r\n\r\n"
    )]
    [InlineData("PROPFIND / HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")]
    public void Another_request_stands_before_calls(string request, string answer)
    {
        HoldsFor(
            new Dialogue()
                .Client(request)
                .Server(answer)
                .Client(Peer.Post(Peer.Call(1, "a")))
                .Server(Peer.Ok(Peer.Result(1)))
                .Client(Peer.Post(Peer.Call(2, "b")))
                .Server(Peer.Ok(Peer.Result(2)))
        );
    }

    private static void HoldsFor(Dialogue dialogue)
    {
        dialogue.IsTold(s_two);
        dialogue.IsTold(s_two, opened: false);
        dialogue.Pipelined().IsTold(s_two, Ending.ByServer);
        dialogue.InOnePiece().IsTold(s_two, Ending.Open);
    }
}
