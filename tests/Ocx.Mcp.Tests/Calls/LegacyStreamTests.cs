using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>
/// The 2024-11-05 transport: the URL that a stream names is its session, and a tap may meet the stream in its middle.
/// </summary>
public sealed class LegacyStreamTests
{
    private static readonly IpEndpoint s_otherClient = IpEndpoint.From([10, 0, 0, 7], 41000),
        s_replica = IpEndpoint.From([10, 0, 0, 3], 8080);
    private readonly Tracked _tracked = new();

    [Theory]
    [InlineData("/messages", "/messages", "/messages")]
    [InlineData("/mcp/7f0a4b9e9a1d0b6f/in", "/mcp/7f0a4b9e9a1d0b6f/in", "/mcp/7f0a4b9e9a1d0b6f/in")]
    [InlineData("/messages?token=s3cr3t-1", "/messages?token=s3cr3t-1", null)]
    [InlineData("/messages?sid=a&key=b", "/messages?sid=a&key=b", "a")]
    [InlineData("/messages?sessionId=a", "/messages?sessionId=a", "a")]
    [InlineData("messages", "/mcp/messages", "/mcp/messages")]
    [InlineData("../messages#x", "/messages", "/messages")]
    [InlineData("?sid=a", "/mcp/sse?sid=a", "a")]
    [InlineData("http://X:80/messages", "/messages", "/messages")]
    [InlineData("//x/messages", "/messages", "/messages")]
    [InlineData("/messages", "http://x/messages", "/messages")]
    public void The_endpoint_is_the_session_in_any_form(string endpoint, string target, string? shown)
    {
        Wire stream = Stream(endpoint),
            post = new(40001);
        _tracked.Feed(post.Open().FromClient(Post(target, Peer.Call(1))).FromServer(Peer.Accepted));
        Say(stream, Peer.Event(Peer.Result(1)));
        Assert.Equal(["tools/call echo ok"], _tracked.Summary);
        Assert.Equal(shown, _tracked.Only.TryGetProperty("session", out var session) ? session.GetString() : null);
        _tracked.Flush();
    }

    [Theory]
    [InlineData("/messages", "x")]
    [InlineData("http://messages.example/in", "messages.example")]
    [InlineData("http://messages.example:9000/in", "messages.example:9000")]
    [InlineData("http://messages.example/in?sid=8c5a6f3e", "x")]
    [InlineData("/messages?sessionId=8c5a6f3e", "x")]
    public void The_request_may_go_to_another_replica(string endpoint, string host)
    {
        Wire stream = Stream(endpoint),
            post = new(40001) { Called = s_replica };
        string target = "/" + endpoint.Split('/')[^1];
        _tracked.Feed(post.Open().FromClient(Post(target, Peer.Call(1), host)).FromServer(Peer.Accepted));
        Say(stream, Peer.Event(Peer.Result(1)));
        Assert.Equal(["tools/call echo ok"], _tracked.Summary);
    }

    [Fact]
    public void A_path_that_two_clients_share_tells_each_its_own_call()
    {
        Wire one = Stream("/messages"),
            two = Stream("/messages", new(41000) { Client = s_otherClient });
        Wire post = new(40001),
            otherPost = new(41001) { Client = s_otherClient with { Port = 41001 } };
        _tracked.Feed(post.Open().FromClient(Post("/messages", Peer.Call(1, "one"))).FromServer(Peer.Accepted));
        _tracked.Feed(otherPost.Open().FromClient(Post("/messages", Peer.Call(1, "two"))).FromServer(Peer.Accepted));
        Say(two, Peer.Event(Peer.Result(1)));
        Say(one, Peer.Event(Peer.Result(1, """{"isError":true}""")));
        Assert.Equal(["tools/call two ok", "tools/call one tool_error"], _tracked.Summary);
    }

    [Fact]
    public void Another_client_does_not_take_a_session_by_its_path()
    {
        Wire stream = Stream("/messages"),
            post = new(40001),
            thief = new(41000) { Client = s_otherClient };
        _tracked.Feed(post.Open().FromClient(Post("/messages", Peer.Call(1, "mine"))).FromServer(Peer.Accepted));
        _tracked.Feed(thief.Open().FromClient(Post("/messages", Peer.Call(1, "theirs"))).FromServer(Peer.Accepted));
        Say(stream, Peer.Event(Peer.Result(1)));
        Assert.Equal(["tools/call mine ok"], _tracked.Summary); // their stream may have been opened before the tap
        Assert.Equal(["tools/call mine ok", "tools/call theirs unpaired"], _tracked.Flush().Summary);
    }

    [Theory]
    [InlineData("/messages")]
    [InlineData("/messages?sid=8c5a6f3e")]
    [InlineData("/messages?sessionId=8c5a6f3e")]
    public void Another_server_does_not_take_a_session_by_naming_its_URL(string endpoint)
    {
        Wire stream = Stream(endpoint),
            post = new(40001);
        Wire evil = Stream("http://x" + endpoint, new(40002) { Called = IpEndpoint.From([10, 0, 0, 66], 8080) });
        _tracked.Feed(post.Open().FromClient(Post(endpoint, Peer.Call(1))).FromServer(Peer.Accepted));
        Say(evil, Peer.Event(Peer.Result(1, """{"isError":true}""")));
        Assert.Empty(_tracked.Summary);
        Say(stream, Peer.Event(Peer.Result(1)));
        Assert.Equal(["tools/call echo ok"], _tracked.Flush().Summary);
    }

    [Fact]
    public void A_stream_that_ended_takes_its_session_with_it()
    {
        Wire stream = Stream("/messages"),
            post = new(40001);
        _tracked.Feed(stream, stream.Close().Log.TakeLast(2));
        Wire again = Stream("/messages", new(40002));
        _tracked.Feed(post.Open().FromClient(Post("/messages", Peer.Call(1))).FromServer(Peer.Accepted));
        Say(again, Peer.Event(Peer.Result(1)));
        Assert.Equal(["tools/call echo ok"], _tracked.Summary);
        _tracked.Flush();
    }

    [Theory]
    [InlineData("/messages?sessionId=a", true)]
    [InlineData("/messages?sessionId=a", false)]
    [InlineData("/mcp/7f0a4b9e9a1d0b6f", true)]
    [InlineData("/mcp/7f0a4b9e9a1d0b6f", false)]
    public void A_stream_that_was_opened_before_the_tap_brings_its_answers(string target, bool chunked)
    {
        Wire stream = Joined(chunked),
            post = new(40001);
        string Told(int id) => $"event: message\r\ndata: {Peer.Result(id)}\r\n\r\n";
        _tracked.Feed(post.Open().FromClient(Post(target, Peer.Call(1))).FromServer(Peer.Accepted));
        Say(stream, chunked ? Peer.Chunk(Told(1)) : Told(1));
        _tracked.Feed(post, post.FromClient(Post(target, Peer.Call(2))).FromServer(Peer.Accepted).Log.TakeLast(2));
        Say(stream, chunked ? Peer.Chunk(Told(2)) : Told(2));
        Assert.Equal(["tools/call echo ok", "tools/call echo ok"], _tracked.Summary);
        Assert.Equal(0, _tracked.Flush().Tracker.Stats.UnknownStreams);
    }

    [Fact]
    public void A_call_whose_stream_ends_is_told_at_once()
    {
        Wire stream = Joined(),
            post = new(40001);
        _tracked.Feed(post.Open().FromClient(Post("/messages/7", Peer.Call(1))).FromServer(Peer.Accepted));
        Assert.Empty(_tracked.Summary);
        _tracked.Feed(stream, stream.Close(byClient: false).Log.TakeLast(2));
        Assert.Equal(["tools/call echo unpaired"], _tracked.Summary);
        _tracked.Flush();
    }

    [Fact]
    public void Of_two_calls_with_the_id_neither_takes_the_answer_of_such_a_stream()
    {
        Wire stream = Joined(),
            a = new(40001),
            b = new(40002);
        _tracked.Feed(a.Open().FromClient(Post("/messages?sessionId=a", Peer.Call(1, "a"))).FromServer(Peer.Accepted));
        _tracked.Feed(b.Open().FromClient(Post("/messages?sessionId=b", Peer.Call(1, "b"))).FromServer(Peer.Accepted));
        Say(stream, Peer.Event(Peer.Result(1)));
        Assert.Empty(_tracked.Summary);
        Assert.Equal(1, _tracked.Tracker.Stats.Orphans);
        Assert.Equal(["tools/call a unpaired", "tools/call b unpaired"], _tracked.Flush().Summary.Order());
    }

    [Fact]
    public void Such_a_stream_takes_no_call_of_another_address_of_another_stream_or_of_an_answer_of_its_own()
    {
        Wire joined = Joined(),
            own = Stream("/messages?sessionId=own", new(40003));
        Wire other = new(41000) { Client = s_otherClient },
            post = new(40001),
            streamable = new(40002);
        _tracked.Feed(
            other.Open().FromClient(Post("/messages?sessionId=a", Peer.Call(1, "other"))).FromServer(Peer.Accepted)
        );
        _tracked.Feed(
            post.Open().FromClient(Post("/messages?sessionId=own", Peer.Call(2, "own"))).FromServer(Peer.Accepted)
        );
        _tracked.Feed(
            streamable.Open().FromClient(Post("/mcp", Peer.Call(3, "streamable"))).FromServer(Peer.EventStream())
        );
        Say(joined, Peer.Event(Peer.Result(1)) + Peer.Event(Peer.Result(2)) + Peer.Event(Peer.Result(3)));
        Assert.Empty(_tracked.Summary);
        Say(own, Peer.Event(Peer.Result(2)));
        Say(streamable, Peer.Event(Peer.Result(3)));
        Assert.Equal(["tools/call own ok", "tools/call streamable ok"], _tracked.Summary);
        _tracked.Flush();
    }

    [Fact]
    public void A_part_of_a_request_that_looks_like_a_stream_is_none()
    {
        var wire = new Wire()
            .FromClient("data: of a form\r\n\r\n")
            .FromServer(Peer.Ok("{}"))
            .FromClient(Peer.Post(Peer.Call(1)))
            .FromServer(Peer.Ok(Peer.Result(1)));
        Assert.Equal(["tools/call echo ok"], _tracked.Feed(wire).Flush().Summary);
    }

    [Fact]
    public void After_such_a_stream_its_connection_serves_requests()
    {
        Wire wire = Joined();
        int seen = wire.Log.Count;
        wire.FromServer(Peer.LastChunk).FromClient(Peer.Post(Peer.Call(1))).FromServer(Peer.Ok(Peer.Result(1)));
        Assert.Equal(["tools/call echo ok"], _tracked.Feed(wire, wire.Log.Skip(seen)).Flush().Summary);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 7)]
    public void Progress_is_counted_on_the_sessions_stream(int id, int token)
    {
        Wire stream = Stream("/messages"),
            post = new(40001);
        string call = Peer.Call(id, meta: $$$""","_meta":{"progressToken":{{{token}}}}""");
        string progress =
            $$$"""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{{{token}}}"""
            + ""","progress":1}}""";
        _tracked.Feed(post.Open().FromClient(Post("/messages", call)).FromServer(Peer.Accepted));
        Say(
            stream,
            Peer.Event(progress)
                + Peer.Event(progress)
                + Peer.Event(progress.Replace($":{token},", ":99,", StringComparison.Ordinal))
                + Peer.Event(Peer.Result(id))
        );
        Assert.Equal(2, _tracked.Only.GetProperty("progress").GetInt32());
    }

    [Fact]
    public void An_answer_on_such_a_stream_is_not_that_of_a_call_whose_own_response_may_bring_it()
    {
        Wire stream = Joined(),
            post = new(40001);
        _tracked.Feed(post.Open().FromClient(Peer.Post(Peer.Call(1))));
        Say(stream, Peer.Event(Peer.Result(1)));
        Assert.Empty(_tracked.Summary);
        _tracked.Feed(post, post.FromServer(Peer.Ok(Peer.Result(1, """{"isError":true}"""))).Log.TakeLast(1));
        Assert.Equal(["tools/call echo tool_error"], _tracked.Summary);
    }

    [Fact]
    public void The_tap_may_come_between_a_stream_and_its_endpoint()
    {
        Wire stream = Joined(),
            post = new(40001);
        Say(stream, Peer.Event("/mcp/7f0a4b9e9a1d0b6f/in", "endpoint"));
        _tracked.Feed(post.Open().FromClient(Post("/mcp/7f0a4b9e9a1d0b6f/in", Peer.Call(1))).FromServer(Peer.Accepted));
        Say(stream, Peer.Event(Peer.Result(1)));
        Assert.Equal(["tools/call echo ok"], _tracked.Flush().Summary);
    }

    [Fact]
    public void A_stream_names_one_endpoint_and_takes_no_memory_for_more()
    {
        Wire stream = Stream("/messages"),
            post = new(40001);
        long held = _tracked.Tracker.Stats.HeldBytes;
        for (int i = 0; i < 1000; i++)
        {
            Say(stream, Peer.Event($"/other/{i}", "endpoint"));
        }

        Assert.Equal(held, _tracked.Tracker.Stats.HeldBytes);
        _tracked.Feed(post.Open().FromClient(Post("/messages", Peer.Call(1))).FromServer(Peer.Accepted));
        Say(stream, Peer.Event(Peer.Result(1)));
        Assert.Equal(["tools/call echo ok"], _tracked.Flush().Summary);
    }

    [Fact]
    public void Progress_is_counted_on_a_connection_of_lines()
    {
        var wire = new Wire()
            .Open()
            .FromClient(Peer.Call(1, meta: ""","_meta":{"progressToken":"p"}""") + "\n")
            .FromServer(
                """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}}"""
                    + "\n"
                    + Peer.Result(1)
                    + "\n"
            );
        Assert.Equal(1, _tracked.Feed(wire).Only.GetProperty("progress").GetInt32());
    }

    private Wire Stream(string endpoint, Wire? wire = null)
    {
        wire ??= new();
        _tracked.Feed(
            wire.Open()
                .FromClient("GET /mcp/sse HTTP/1.1\r\nHost: x\r\n\r\n")
                .FromServer(Peer.EventStream())
                .FromServer(Peer.Event(endpoint, "endpoint"))
        );
        return wire;
    }

    private Wire Joined(bool chunked = true)
    {
        var wire = new Wire().FromServer(chunked ? Peer.Chunk(": ping\n\n") : ": ping\r\n\r\n");
        _tracked.Feed(wire);
        return wire;
    }

    private void Say(Wire stream, string text) => _tracked.Feed(stream, stream.FromServer(text).Log.TakeLast(1));

    private static string Post(string target, string body, string host = "x") =>
        Peer.Post(body)
            .Replace("POST /mcp ", $"POST {target} ", StringComparison.Ordinal)
            .Replace("Host: x", $"Host: {host}", StringComparison.Ordinal);
}
