using System.Text;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>The tap starts while connections are in use.</summary>
public sealed class JoinedSiblingTests
{
    private const string Notified =
        """{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}""";

    // SDKs answer with 202; servers that were written by hand also otherwise.
    private static readonly string[] s_accepted =
    [
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\nAccepted",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ];

    private static readonly string[] s_first =
    [
        ": ping\n\n",
        ":\n\n",
        ": ping - 2026-11-27 05:00:00.000000+00:00\n\n",
        "event: ping\ndata: {}\n\n",
        "event:ping\ndata:1\n\n",
        "event: message\ndata: " + Notified + "\n\n",
        "data: " + Notified + "\n\n",
        "data:" + Notified + "\n\n",
        "id: 5\nevent: message\ndata: " + Notified + "\n\n",
        "id:5\ndata:" + Notified + "\n\n",
        "retry: 1000\n\n",
        "retry: 3000\nid: 1\ndata:\n\n",
        "data: {\ndata:  \"jsonrpc\": \"2.0\", \"method\": \"notifications/message\"\ndata: }\n\n",
        "",
        // The end of what began before the tap.
        "tent\":[]}}\n\n",
        "message\ndata: " + Notified + "\n\n",
        "00Z\n\n: ping\n\n",
        "\"x\"}\n\ndata: " + Notified + "\n\n",
        "\n\n",
        "\n",
    ];

    public static TheoryData<string, string, string> Streams =>
        new MatrixTheoryData<string, string, string>(
            s_first,
            ["\n", "\r\n", "\r"],
            ["chunks", "sizes apart", "small chunks", "until close"]
        );

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_2024_stream_that_is_open_already_brings_answers(string first, string end, string framing)
    {
        foreach (
            string target in new[]
            {
                "/messages/?session_id=abc",
                "/messages/8c5a6f3e1b2d4c3e9f00a1b2c3d4e5f6",
                "/messages",
            }
        )
        {
            Tracked tracked = new();
            Wire stream = new(),
                post = new(40001);
            Say(tracked, stream, first, end, framing);
            post.Open();
            for (int id = 0; id < 3; id++)
            {
                string call = Peer.Call(id, $"c{id}", meta: $$$""","_meta":{"progressToken":{{{id}}}}""");
                post.FromClient(Peer.Post(call).Replace("/mcp ", target + " ", StringComparison.Ordinal))
                    .FromServer(s_accepted[id]);
                tracked.Feed(post);
                post.Log.Clear();
                Say(tracked, stream, $"data: {Progress(id)}\n\n", end, framing);
                Say(tracked, stream, Framing.Event(Peer.Result(id)), end, framing);
                Say(tracked, stream, ": ping\n\n", end, framing);
            }

            tracked.Flush();
            Assert.Equal("c0 ok 1 progress; c1 ok 1 progress; c2 ok 1 progress", Telling.Of(tracked));
            Assert.Equal(
                (0, 0, 0),
                (tracked.Tracker.Stats.MalformedJson, tracked.Tracker.Stats.HttpLost, tracked.Tracker.Stats.Gaps)
            );
        }
    }

    public static TheoryData<string, string> Middles =>
        new MatrixTheoryData<string, string>([.. Framing.Requests.Keys], [.. Framing.Responses.Keys]);

    [Theory]
    [MemberData(nameof(Middles))]
    public void The_middle_of_a_call_is_no_call_and_the_next_ones_are_told(string asked, string answered)
    {
        byte[] request = Framing.Requests[asked](Peer.Call(1, "unseen")),
            response = Framing.Responses[answered](Peer.Result(1));
        foreach (int at in new[] { 10, 60, Peer.Call(1, "unseen").Length })
        {
            Dialogue[] ways =
            [
                new Dialogue().Client(request[^Math.Min(at, request.Length)..]).Server(response),
                new Dialogue().Server(response),
                new Dialogue().Server(response[^Math.Min(at, response.Length)..]),
            ];
            foreach (Dialogue way in ways)
            {
                for (int id = 2; id < 5; id++)
                {
                    way.Client(Framing.Requests[asked](Peer.Call(id, $"c{id}")))
                        .Server(Framing.Responses[answered](Peer.Result(id)));
                }

                foreach (int split in new[] { 1400, int.MaxValue })
                {
                    Tracked tracked = new();
                    tracked.Feed(way.ToWire(split, opened: false)).Flush();
                    Assert.Equal($"{split} {at}: c2 ok; c3 ok; c4 ok", $"{split} {at}: {Telling.Of(tracked)}");
                    Assert.Equal(0, tracked.Tracker.Stats.Gaps);
                }
            }
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_servers_request_on_a_stream_is_answered_by_a_post(bool session, bool joined)
    {
        string header = session ? "Mcp-Session-Id: s1\r\n" : "";
        string ask = """{"jsonrpc":"2.0","id":"r1","method":"sampling/createMessage","params":{"messages":[]}}""",
            answer = """{"jsonrpc":"2.0","id":"r1","result":{"role":"assistant"}}""";
        Tracked tracked = new();
        Wire stream = new(),
            post = new(40001);
        if (!joined)
        {
            stream.Open().FromClient($"GET /mcp HTTP/1.1\r\nHost: x\r\n{header}\r\n").FromServer(Peer.EventStream());
        }

        tracked.Feed(stream.FromServer(Peer.Chunk(": ping\n\n")).FromServer(Peer.Event(ask)));
        tracked.Feed(post.Open().FromClient(Peer.Post(answer, header)).FromServer(Peer.Accepted));
        tracked.Flush();
        Telling.Is("sampling", ["sampling/createMessage ok"], tracked);
    }

    private static string Progress(int token) =>
        """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"""
        + $$$"""{{{token}}},"progress":1}}""";

    private static void Say(Tracked tracked, Wire stream, string text, string end, string framing)
    {
        text = text.Replace("\n", end, StringComparison.Ordinal);
        if (text.Length == 0)
        {
            return;
        }

        string size = $"{Encoding.UTF8.GetByteCount(text):x}\r\n";
        switch (framing)
        {
            case "chunks":
                stream.FromServer(size + text + "\r\n");
                break;
            case "sizes apart":
                stream.FromServer(size).FromServer(text).FromServer("\r\n");
                break;
            case "small chunks":
                foreach (char[] part in text.Chunk(20))
                {
                    stream.FromServer(Peer.Chunk(new string(part)));
                }

                break;
            default:
                stream.FromServer(text);
                break;
        }

        tracked.Feed(stream);
        tracked.Tracker.Tick(tracked.Now += 200_000_000);
        stream.Log.Clear();
    }
}
