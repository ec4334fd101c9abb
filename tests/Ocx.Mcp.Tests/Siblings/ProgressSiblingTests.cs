using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>Where a call's progress and its answer come when not on its own response.</summary>
public sealed class ProgressSiblingTests
{
    public static TheoryData<string, string, bool> Places =>
        new MatrixTheoryData<string, string, bool>(
            ["own stream", "GET stream", "another call's stream", "resumed stream"],
            ["1", "7", "\"p\"", "\"1\"", "1.0"],
            [true, false]
        );

    [Theory]
    [MemberData(nameof(Places))]
    public void Progress_and_answer_come_wherever_the_session_has_a_stream(string place, string token, bool session)
    {
        if (!session && place != "own stream" && token is not ("1" or "\"1\"" or "1.0"))
        {
            return; // which call is meant is not certain without a session, where the token is not the call's id
        }

        string header = session ? "Mcp-Session-Id: s1\r\n" : "";
        string progress =
            """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"""
            + $$$"""{{{token}}},"progress":1}}""";
        Tracked tracked = new();
        Wire get = new(),
            post = new(40001),
            other = new(40002);
        void Feed(Wire wire)
        {
            tracked.Feed(wire);
            wire.Log.Clear();
        }

        if (place == "GET stream")
        {
            Feed(get.Open().FromClient($"GET /mcp HTTP/1.1\r\nHost: x\r\n{header}\r\n").FromServer(Peer.EventStream()));
        }

        if (place == "another call's stream")
        {
            Feed(other.Open().FromClient(Peer.Post(Peer.Call(2, "b"), header)).FromServer(Peer.EventStream()));
        }

        Feed(
            post.Open()
                .FromClient(Peer.Post(Peer.Call(1, "a", meta: $$$""","_meta":{"progressToken":{{{token}}}}"""), header))
                .FromServer(Peer.EventStream())
        );
        string events =
            Peer.Chunk($"id: 3\ndata: {progress}\n\n") + Peer.Chunk($"id: 4\nevent: message\ndata: {progress}\n\n");
        switch (place)
        {
            case "own stream":
                Feed(post.FromServer(events + Peer.Event(Peer.Result(1)) + Peer.LastChunk));
                break;
            case "GET stream":
                Feed(get.FromServer(events));
                Feed(post.FromServer(Peer.Event(Peer.Result(1)) + Peer.LastChunk));
                break;
            case "another call's stream":
                Feed(other.FromServer(events));
                Feed(post.FromServer(Peer.Event(Peer.Result(1)) + Peer.LastChunk));
                Feed(other.FromServer(Peer.Event(Peer.Result(2)) + Peer.LastChunk));
                break;
            default:
                Feed(post.FromServer(Peer.Chunk("id: 2\nretry: 500\ndata:\n\n") + Peer.LastChunk));
                Feed(
                    get.Open()
                        .FromClient($"GET /mcp HTTP/1.1\r\nHost: x\r\n{header}Last-Event-ID: 2\r\n\r\n")
                        .FromServer(Peer.EventStream())
                );
                Feed(get.FromServer(events + Peer.Event(Peer.Result(1))));
                break;
        }

        tracked.Flush();
        Telling.Is(
            $"{place} {token} {session}",
            place == "another call's stream" ? ["a ok 2 progress", "b ok"] : ["a ok 2 progress"],
            tracked
        );
    }
}
