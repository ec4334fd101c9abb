using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>What servers put on an event stream beside messages, in each way of writing lines.</summary>
public sealed class EventSiblingTests
{
    private const string Progress =
        """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}""";

    private static string Fake => """{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"fake"}}""";

    public static TheoryData<string, string> Beside =>
        new MatrixTheoryData<string, string>(
            [
                ": ping\n\n",
                ":\n\n",
                ":\n",
                ": ping - 2026-11-27 05:00:00+00:00\n\n",
                "event: ping\ndata: 2026-11-27 05:00:00+00:00\n\n",
                "event: ping\ndata:\n\n",
                "event: ping\n\n",
                "event:ping\ndata: {}\n\n",
                "event: heartbeat\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"isError\":true}}\n\n",
                "event: error\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-1,\"message\":\"fake\"}}\n\n",
                "event: Message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-1,\"message\":\"fake\"}}\n\n",
                "event: message\nevent: other\n"
                    + "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-1,\"message\":\"fake\"}}\n\n",
                "data: ping\n\n",
                "data: heartbeat\n\n",
                "data: keep-alive\ndata: keep-alive\n\n",
                "data: [DONE]\n\n",
                "data: {}\n\n",
                "data: {\"type\":\"ping\"}\n\n",
                "data: null\n\n",
                "data: \"ping\"\n\n",
                "data: 1732684800\n\n",
                "data:\n\n",
                "data\n\n",
                "data: \n\n",
                "event: message\ndata: \n\n",
                "id: 7\ndata:\n\n",
                "retry: 3000\n\n",
                "retry: 3000\nid: 4\n\n",
                "id\n\n",
                "id: 1\nevent: keepalive\nretry: 1\ndata: x\n\n",
                "\n\n\n",
                "unknown: field\n\n",
                ": {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n",
            ],
            ["\n", "\r\n", "\r"]
        );

    public static TheoryData<string, string> Messages =>
        new MatrixTheoryData<string, string>(
            [
                "data: J\n\n",
                "data:J\n\n",
                "data:  J \n\n",
                "event: message\ndata: J\n\n",
                "event:message\ndata:J\n\n",
                "data: J\nevent: message\n\n",
                "event: other\nevent: message\ndata: J\n\n",
                "event: other\nevent:\ndata: J\n\n",
                "event\ndata: J\n\n",
                "id: 1\nevent: message\nretry: 5\ndata: J\n\n",
                ": comment\ndata: J\n: comment\n\n",
                "data: K\ndata: L\n\n",
                "data: K\n: comment\nid: 9\ndata: L\n\n",
                "data:\ndata: J\ndata:\n\n",
                "data\ndata: K\ndata\ndata: L\n\n",
            ],
            ["\n", "\r\n", "\r"]
        );

    [Theory]
    [MemberData(nameof(Beside))]
    public void What_stands_beside_messages_is_no_message_and_no_fault(string beside, string end)
    {
        string message = $"data: {Peer.Result(1)}\n\n";
        foreach (string events in new[] { beside + message, beside + beside + message + beside, message + beside })
        {
            Told(events, end, "a ok");
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_in_each_way_of_writing_it(string written, string end)
    {
        string json = Peer.Result(1);
        int half = json.IndexOf(",\"result", StringComparison.Ordinal) + 1;
        string Of(string text) =>
            written
                .Replace("J", text, StringComparison.Ordinal)
                .Replace("K", text[..half], StringComparison.Ordinal)
                .Replace("L", text[half..], StringComparison.Ordinal);
        foreach (string mark in new[] { "", "\uFEFF" })
        {
            Told(mark + Of(json), end, "a ok");
            Told(mark + $"data: {Progress}\n\nevent: message\ndata: {Progress}\n\n" + Of(json), end, "a ok 2 progress");
        }
    }

    private static void Told(string events, string end, string expected)
    {
        string text = events.Replace("\n", end, StringComparison.Ordinal);
        foreach (
            string framed in new[]
            {
                Peer.EventStream() + Framing.Chunks(text),
                Peer.EventStream() + Framing.Chunks(text, 11),
            }
        )
        {
            new Dialogue()
                .Client(Peer.Post(Peer.Call(1, "a", meta: ",\"_meta\":{\"progressToken\":1}")))
                .Server(framed)
                .Client(Peer.Post(Peer.Call(2, "b")))
                .Server(Peer.Ok(Peer.Result(2)))
                .IsTold([expected, "b ok"]);
        }

        new Dialogue()
            .Client(Peer.Post(Peer.Call(1, "a", meta: ",\"_meta\":{\"progressToken\":1}")))
            .Server("HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + text)
            .IsTold([expected], Ending.ByServer);
    }
}
