using Ocx.Mcp.Tcp;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>
/// 2024-11-05: what clients make of the endpoint that a stream names, by the rules for URLs, and where their requests
/// then go.
/// </summary>
public sealed class LegacySiblingTests
{
    private const string Id = "8c5a6f3e-1b2d-4c3e-9f00-a1b2c3d4e5f6";

    // What the stream names, the target and the Host of the requests.
    private static readonly Dictionary<string, (string Target, string Host)> s_endpoints = new()
    {
        ["/messages"] = ("/messages", "x"),
        ["/messages/"] = ("/messages/", "x"),
        ["/"] = ("/", "x"),
        ["messages"] = ("/mcp/messages", "x"),
        ["./messages"] = ("/mcp/messages", "x"),
        ["../messages?s=1"] = ("/messages?s=1", "x"),
        ["?sessionId=" + Id] = ("/mcp/sse?sessionId=" + Id, "x"),
        ["/a/../messages?token=abc"] = ("/messages?token=abc", "x"),
        ["/messages/./in"] = ("/messages/in", "x"),
        ["/messages?q=a b"] = ("/messages?q=a%20b", "x"),
        ["/messages?q=ä"] = ("/messages?q=%C3%A4", "x"),
        ["/messages?sessionId=a%2Db%2fc"] = ("/messages?sessionId=a%2Db%2fc", "x"),
        ["/messages/{id}"] = ("/messages/%7Bid%7D", "x"),
        ["/messages?sessionId=" + Id] = ("/messages?sessionId=" + Id, "x"),
        ["/messages/?session_id=" + "8c5a6f3e1b2d4c3e9f00a1b2c3d4e5f6"] = (
            "/messages/?session_id=8c5a6f3e1b2d4c3e9f00a1b2c3d4e5f6",
            "x"
        ),
        ["/messages?sid=1"] = ("/messages?sid=1", "x"),
        ["/messages?a=b&connection=" + Id] = ("/messages?a=b&connection=" + Id, "x"),
        ["/message?" + Id] = ("/message?" + Id, "x"),
        ["/mcp/messages/" + Id] = ("/mcp/messages/" + Id, "x"),
        [$"/s/{Id}/in"] = ($"/s/{Id}/in", "x"),
        ["/messages#fragment"] = ("/messages", "x"),
        [" /messages \t"] = ("/messages", "x"),
        ["http://x/messages"] = ("/messages", "x"),
        ["http://X:80/messages"] = ("/messages", "x"),
        ["HTTP://x/messages"] = ("/messages", "x"),
        ["http://x"] = ("/", "x"),
        ["http://x?a=b"] = ("/?a=b", "x"),
        ["http://user:pw@x/messages"] = ("/messages", "x"),
        ["//x/messages"] = ("/messages", "x"),
        ["http://x/a/../messages"] = ("/messages", "x"),
        ["http://other.example:9000/messages?sessionId=" + Id] = ("/messages?sessionId=" + Id, "other.example:9000"),
        ["http://other.example:9000/messages"] = ("/messages", "other.example:9000"),
        ["http://other.example/messages/" + Id] = ("/messages/" + Id, "other.example"),
        ["https://x/messages/" + Id] = ("/messages/" + Id, "x"),
        ["http://localhost:8080/messages?sessionId=" + Id] = ("/messages?sessionId=" + Id, "localhost:8080"),
    };

    public static TheoryData<string> Endpoints => [.. s_endpoints.Keys];

    public static TheoryData<string> EndpointsWithAnId =>
        [.. s_endpoints.Keys.Where(key => key.Contains(Id[..8], StringComparison.Ordinal))];

    /// <summary>Named whole, or by path alone to a proxy that does not keep the Host.</summary>
    private static readonly IpEndpoint s_replica = IpEndpoint.From([10, 0, 0, 3], 9000);

    [Theory]
    [MemberData(nameof(Endpoints))]
    public void Requests_go_where_the_endpoint_says(string endpoint)
    {
        (string target, string host) = s_endpoints[endpoint];
        Told(endpoint, target, host, new(40001));
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public void Requests_go_to_another_address_of_the_service(string endpoint)
    {
        (string target, string host) = s_endpoints[endpoint];
        Told(endpoint, target, host, new(40001) { Called = s_replica });
    }

    [Theory]
    [MemberData(nameof(EndpointsWithAnId))]
    public void Requests_with_an_id_go_past_a_proxy_that_changes_the_host_or_the_path(string endpoint)
    {
        (string target, string host) = s_endpoints[endpoint];
        Told(endpoint, target, "10.0.0.3:9000", new(40001) { Called = s_replica });
        if (endpoint[0] == '/')
        {
            Told("/prefix" + endpoint, target, host, new(40001) { Called = s_replica });
            Told("http://public.example/prefix" + endpoint, target, host, new(40001));
        }
    }

    [Theory]
    [MemberData(nameof(EndpointsWithAnId))]
    public void Requests_with_an_id_come_from_another_address_of_the_client(string endpoint)
    {
        (string target, string host) = s_endpoints[endpoint];
        Told(
            endpoint,
            target,
            host,
            new(40001)
            {
                Client = IpEndpoint.From([.. new byte[15], 1], 40001),
                Called = IpEndpoint.From([.. new byte[15], 1], 8080),
            }
        );
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public void A_proxy_is_asked_by_the_whole_URL(string endpoint)
    {
        (string target, string host) = s_endpoints[endpoint];
        if (!endpoint.StartsWith("https:", StringComparison.Ordinal))
        {
            Told(endpoint, $"http://{host}{target}", host, new(40001));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_clients_of_one_proxy_with_ids_are_kept_apart(bool crossed)
    {
        Tracked tracked = new();
        Wire one = Stream(tracked, "/messages/1" + Id, new(40000), Chunked),
            two = Stream(tracked, "/messages/2" + Id, new(40002), Chunked);
        Post(tracked, "/messages/1" + Id, "x", Peer.Call(1, "one"), new(40001));
        Post(tracked, "/messages/2" + Id, "x", Peer.Call(1, "two"), new(40003) { Called = s_replica });
        Say(tracked, crossed ? two : one, Chunked(Framing.Event(Peer.Result(1))));
        Say(tracked, crossed ? one : two, Chunked(Framing.Event(Peer.Result(1, """{"isError":true}"""))));
        string[] expected = crossed ? ["two ok", "one tool_error"] : ["one ok", "two tool_error"];
        tracked.Flush();
        Telling.Is("two", expected, tracked);
    }

    [Theory]
    [InlineData(1, 2, "ok")]
    [InlineData(1, 1, "unpaired")]
    public void Two_streams_of_one_URL_are_told_apart_by_ids_that_differ(int first, int second, string told)
    {
        Tracked tracked = new();
        Wire one = Stream(tracked, "/messages", new(40000), Chunked),
            two = Stream(tracked, "/messages", new(40002), Chunked);
        Post(tracked, "/messages", "x", Peer.Call(first, "one"), new(40001));
        Post(tracked, "/messages", "x", Peer.Call(second, "two"), new(40003));
        Say(tracked, two, Chunked(Framing.Event(Peer.Result(second))));
        Say(tracked, one, Chunked(Framing.Event(Peer.Result(first))));
        tracked.Flush();
        Assert.Equal([$"tools/call one {told}", $"tools/call two {told}"], tracked.Summary.Order());
    }

    private static string Chunked(string text) => Peer.Chunk(text);

    private static void Told(string endpoint, string target, string host, Wire post)
    {
        var ways = new (string Name, string Head, Func<string, string> Frame)[]
        {
            ("chunked", Peer.EventStream(), Chunked),
            ("until close", "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", text => text),
        };
        foreach ((string name, string head, Func<string, string> frame) in ways)
        {
            Tracked tracked = new();
            Wire stream = new();
            Say(
                tracked,
                stream.Open().FromClient("GET /mcp/sse HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"),
                head
            );
            Say(tracked, stream, frame($"event: endpoint\r\ndata: {endpoint}\r\n\r\n"));
            Wire own = new(post.Client.Port) { Client = post.Client, Called = post.Called };
            own.Open();
            int id = 0;
            foreach (string method in new[] { "initialize", "tools/list" })
            {
                string call = $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"{{{method}}}","params":{}}""";
                Say(tracked, stream, frame(": ping\r\n\r\n"));
                Send(tracked, own, target, host, call);
                Say(tracked, stream, frame(Framing.Event(Peer.Result(id++), "\r\n")));
            }

            tracked.Flush();
            Telling.Is($"{endpoint} {name}", ["initialize ok", "tools/list ok"], tracked);
        }
    }

    private static Wire Stream(Tracked tracked, string endpoint, Wire wire, Func<string, string> frame)
    {
        wire.Open().FromClient("GET /mcp/sse HTTP/1.1\r\nHost: x\r\n\r\n").FromServer(Peer.EventStream());
        Say(tracked, wire, frame($"event: endpoint\ndata: {endpoint}\n\n"));
        return wire;
    }

    private static void Post(Tracked tracked, string target, string host, string json, Wire wire) =>
        Send(tracked, wire.Open(), target, host, json);

    private static void Send(Tracked tracked, Wire wire, string target, string host, string json)
    {
        string request = Peer.Post(json)
            .Replace("POST /mcp ", $"POST {target} ", StringComparison.Ordinal)
            .Replace("Host: x", $"Host: {host}", StringComparison.Ordinal);
        wire.FromClient(request).FromServer("HTTP/1.1 202 Accepted\r\nContent-Length: 8\r\n\r\nAccepted");
        tracked.Feed(wire);
        wire.Log.Clear();
    }

    private static void Say(Tracked tracked, Wire stream, string text)
    {
        tracked.Feed(stream.FromServer(text));
        stream.Log.Clear();
    }
}
