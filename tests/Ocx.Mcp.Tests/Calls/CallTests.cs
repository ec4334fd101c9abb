using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Tests.Calls;

public class CallTests
{
    private readonly Wire _wire = new();
    private readonly Tracked _tracked = new();

    [Fact]
    public void A_tool_call_is_one_record()
    {
        _wire
            .Open()
            .FromClient(Peer.Post(Peer.Call(1, arguments: """{"text":"hi"}""")))
            .FromServer(Peer.Ok(Peer.Result(1)));
        var call = _tracked.Feed(_wire).Only;
        Assert.Equal("tools/call", call.GetProperty("method").GetString());
        Assert.Equal("echo", call.GetProperty("name").GetString());
        Assert.Equal("ok", call.GetProperty("status").GetString());
        Assert.Equal("complete", call.GetProperty("completeness").GetString());
        Assert.Equal(1000, call.GetProperty("durationNs").GetInt64());
        Assert.Equal(1000, call.GetProperty("timeToFirstByteNs").GetInt64());
        Assert.Equal("hi", call.GetProperty("arguments").GetProperty("text").GetString());
        Assert.Equal(40000, call.GetProperty("client").GetProperty("port").GetInt32());
        Assert.Equal("10.0.0.2", call.GetProperty("server").GetProperty("address").GetString());
        Assert.Equal(
            "22:13:20.000 10.0.0.1:40000 → 10.0.0.2:8080 tools/call echo 0.0ms ok 97 B → 48 B",
            _tracked.Lines[0]
        );
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":true}}""", "200 OK", "tool_error")]
    [InlineData("""{"result":{"content":[]},"jsonrpc":"2.0","id":1}""", "200 OK", "ok")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}}""", "200 OK", "rpc_error")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":-32020,"message":"no"}}""", "400 Bad Request", "rpc_error")]
    [InlineData(
        """{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}""",
        "400 Bad Request",
        "http_error"
    )]
    [InlineData("busy", "503 Service Unavailable", "http_error")]
    public void A_tools_failure_a_protocol_error_and_an_HTTP_error_are_told_apart(
        string body,
        string status,
        string expected
    )
    {
        _wire.Open().FromClient(Peer.Post(Peer.Call(1))).FromServer(Peer.Status(status, body));
        Assert.Equal([$"tools/call echo {expected}"], _tracked.Feed(_wire).Summary);
    }

    [Theory]
    [InlineData(
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a\ud83d","arguments":{}}}""",
        "a\\ud83d"
    )]
    [InlineData("""{"jsonrpc":"2.0","x\ude00":1,"id":1,"method":"tools/call","params":{"\ud83d":1,"name":"a"}}""", "a")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"m\u0065thod":"tools/call","params":{"n\u0061me":"a"}}""", "a")]
    public void Half_a_surrogate_pair_or_an_escape_hides_no_call(string request, string name)
    {
        _wire.Open().FromClient(Peer.Post(request)).FromServer(Peer.Ok(Peer.Result(1)));
        Assert.Equal([$"tools/call {name} ok"], _tracked.Feed(_wire).Summary);
    }

    [Fact]
    public void Streamable_HTTP_session_names_its_ends_and_answers_on_event_streams()
    {
        _wire
            .Open()
            .FromClient(
                Peer.Post(
                    """{"jsonrpc":"2.0","id":0,"method":"initialize","params":"""
                        + """{"protocolVersion":"2025-11-25","clientInfo":{"name":"c","version":"1"}}}"""
                )
            )
            .FromServer(
                Peer.EventStream("Mcp-Session-Id: s-1\r\n")
                    + Peer.Event(
                        """{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","serverInfo":"""
                            + """{"name":"s","version":"2"}}}"""
                    )
                    + Peer.LastChunk
            )
            .FromClient(
                Peer.Post("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", "Mcp-Session-Id: s-1\r\n")
            )
            .FromServer(Peer.Accepted)
            .FromClient(
                Peer.Post(
                    Peer.Call(1, meta: ""","_meta":{"progressToken":7}"""),
                    "Mcp-Session-Id: s-1\r\nMcp-Protocol-Version: 2025-06-18\r\n"
                )
            )
            .FromServer(
                Peer.EventStream()
                    + Peer.Event(
                        """{"jsonrpc":"2.0","method":"notifications/progress","params":"""
                            + """{"progressToken":7,"progress":1}}"""
                    )
            )
            .FromServer(Peer.Event(Peer.Result(1)) + Peer.LastChunk);
        _tracked.Feed(_wire);
        Assert.Equal(["initialize ok", "tools/call echo ok"], _tracked.Summary);
        string call = _tracked.Json[1];
        Assert.Contains("\"protocolVersion\":\"2025-06-18\",\"session\":\"s-1\"", call, StringComparison.Ordinal);
        Assert.Contains("\"port\":40000,\"name\":\"c\",\"version\":\"1\"", call, StringComparison.Ordinal);
        Assert.Contains("\"port\":8080,\"name\":\"s\",\"version\":\"2\"", call, StringComparison.Ordinal);
        Assert.Contains("\"progress\":1", call, StringComparison.Ordinal);
        Assert.Equal(2, _tracked.Tracker.Stats.Notifications);
    }

    [Fact]
    public void HTTP_with_SSE_of_2024_answers_on_the_GET_stream()
    {
        Wire posts = new(40001);
        _tracked.Feed(
            _wire
                .Open()
                .FromClient("GET /sse HTTP/1.1\r\nHost: x\r\n\r\n")
                .FromServer(Peer.EventStream() + Peer.Event("/message?sessionId=abc", "endpoint"))
        );
        _tracked.Feed(
            posts
                .Open()
                .FromClient(Peer.Post(Peer.Call(5)).Replace("/mcp", "/message?sessionId=abc", StringComparison.Ordinal))
                .FromServer(Peer.Accepted)
        );
        int seen = _wire.Log.Count;
        _tracked.Feed(_wire, _wire.FromServer(Peer.Event(Peer.Result(5))).Log.Skip(seen));
        Assert.Equal(["tools/call echo ok"], _tracked.Summary);
        Assert.Contains("\"protocolVersion\":\"2024-11-05\"", _tracked.Json[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_asks_its_client_on_a_stream_and_is_answered_by_a_POST_on_another_connection()
    {
        const string Session = "Mcp-Session-Id: s\r\n";
        Wire answers = new(40001);
        _tracked.Feed(
            _wire
                .Open()
                .FromClient($"GET /mcp HTTP/1.1\r\n{Session}\r\n")
                .FromServer(Peer.EventStream() + Peer.Event("""{"jsonrpc":"2.0","id":1,"method":"roots/list"}"""))
        );
        _tracked.Feed(answers.Open().FromClient(Peer.Post(Peer.Result(1), Session)).FromServer(Peer.Accepted));
        Assert.Equal(["roots/list ok"], _tracked.Summary);
        Assert.True(_tracked.Only.GetProperty("fromServer").GetBoolean());
    }

    [Fact]
    public void The_same_id_of_two_clients_is_two_calls()
    {
        Wire other = new(40001);
        _tracked.Feed(_wire.Open().FromClient(Peer.Post(Peer.Call(1, "a"))));
        _tracked.Feed(
            other
                .Open()
                .FromClient(Peer.Post(Peer.Call(1, "b")))
                .FromServer(Peer.Ok(Peer.Result(1, """{"isError":true}""")))
        );
        int seen = _wire.Log.Count;
        _tracked.Feed(_wire, _wire.FromServer(Peer.Ok(Peer.Result(1))).Log.Skip(seen));
        Assert.Equal(["tools/call b tool_error", "tools/call a ok"], _tracked.Summary);
    }

    [Fact]
    public void An_id_that_a_later_call_of_the_session_took_stays_with_it_when_the_earlier_one_ends()
    {
        const string Session = "Mcp-Session-Id: s\r\n";
        Wire later = new(40001),
            resumed = new(40002);
        _tracked.Feed(_wire.Open().FromClient(Peer.Post(Peer.Call(1, "a"), Session)));
        _tracked.Feed(
            later
                .Open()
                .FromClient(Peer.Post(Peer.Call(1, "b"), Session))
                .FromServer(Peer.EventStream())
                .Close(byClient: false)
        );
        int seen = _wire.Log.Count;
        _tracked.Feed(_wire, _wire.FromServer(Peer.Ok(Peer.Result(1))).Log.Skip(seen));
        _tracked.Feed(
            resumed
                .Open()
                .FromClient($"GET /mcp HTTP/1.1\r\n{Session}Last-Event-ID: 4\r\n\r\n")
                .FromServer(Peer.EventStream() + Peer.Event(Peer.Result(1)))
        );
        Assert.Equal(["tools/call a ok", "tools/call b ok"], _tracked.Summary);
    }

    [Fact]
    public void A_batch_is_as_many_calls()
    {
        _wire
            .Open()
            .FromClient(Peer.Post($"[{Peer.Call(1, "a")}, {Peer.Call(2, "b")}]"))
            .FromServer(Peer.Ok($"[{Peer.Result(2)},{Peer.Result(1)}]"));
        Assert.Equal(["tools/call b ok", "tools/call a ok"], _tracked.Feed(_wire).Summary);
    }

    [Fact]
    public void A_broken_stream_is_resumed_on_another_connection()
    {
        const string Session = "Mcp-Session-Id: s\r\n";
        Wire resumed = new(40001);
        _tracked.Feed(
            _wire
                .Open()
                .FromClient(Peer.Post(Peer.Call(1), Session))
                .FromServer(Peer.EventStream())
                .Close(byClient: false)
        );
        _tracked.Feed(
            resumed
                .Open()
                .FromClient($"GET /mcp HTTP/1.1\r\n{Session}Last-Event-ID: 4\r\n\r\n")
                .FromServer(Peer.EventStream() + Peer.Event(Peer.Result(1)))
        );
        Assert.Equal(["tools/call echo ok"], _tracked.Summary);
    }

    [Fact]
    public void A_cancelled_call_says_so_and_its_late_answer_is_no_other_call()
    {
        const string Session = "Mcp-Session-Id: s\r\n";
        Wire cancel = new(40001);
        _tracked.Feed(_wire.Open().FromClient(Peer.Post(Peer.Call(1), Session)));
        _tracked.Feed(
            cancel
                .Open()
                .FromClient(
                    Peer.Post(
                        """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}""",
                        Session
                    )
                )
        );
        int seen = _wire.Log.Count;
        _tracked.Feed(_wire, _wire.FromServer(Peer.Ok(Peer.Result(1))).Log.Skip(seen));
        Assert.Equal(["tools/call echo cancelled"], _tracked.Summary);
        Assert.Equal(1, _tracked.Tracker.Stats.Orphans);
    }

    [Theory]
    [InlineData(true, "cancelled")]
    [InlineData(false, "unpaired")]
    public void Since_2026_the_client_cancels_by_closing_the_stream(bool byClient, string status)
    {
        _wire
            .Open()
            .FromClient(
                Peer.Post(
                    Peer.Call(1),
                    "Mcp-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: echo\r\n"
                )
            )
            .FromServer(Peer.EventStream())
            .Close(byClient);
        Assert.Equal([$"tools/call echo {status}"], _tracked.Feed(_wire).Summary);
    }

    [Fact]
    public void Since_2026_every_request_names_its_client_and_headers_that_lie_are_reported()
    {
        _wire
            .Open()
            .FromClient(
                Peer.Post(
                    Peer.Call(
                        1,
                        meta: ""","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","""
                            + "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"c\",\"version\":\"3\"}}"
                    ),
                    "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: =?base64?b3RoZXI=?=\r\n"
                )
            )
            .FromServer(
                Peer.Ok(
                    Peer.Result(
                        1,
                        """{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":"""
                            + """{"name":"s","version":"4"}}}"""
                    )
                )
            );
        var call = _tracked.Feed(_wire).Only;
        Assert.True(call.GetProperty("headerMismatch").GetBoolean());
        Assert.Equal("c", call.GetProperty("client").GetProperty("name").GetString());
        Assert.Equal("s", call.GetProperty("server").GetProperty("name").GetString());
    }

    [Fact]
    public void With_metadata_alone_the_2026_headers_name_the_call()
    {
        Tracked tracked = new(new McpOptions { Payload = PayloadMode.Metadata });
        string request = Peer.Post(
            Peer.Call(1),
            "Mcp-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: echo\r\n"
        );
        string response = Peer.Ok(Peer.Result(1));
        _wire.Open().FromClient(request).FromServer(response);
        _wire.Log[2] = _wire.Log[2] with
        {
            Payload = Encoding.UTF8.GetBytes(request)[..(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)],
        };
        _wire.Log[3] = _wire.Log[3] with
        {
            Payload = Encoding.UTF8.GetBytes(response)[..(response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)],
        };
        Assert.Equal(["tools/call echo ok"], tracked.Feed(_wire).Summary);
        Assert.Equal("headers", tracked.Only.GetProperty("completeness").GetString());
    }

    [Fact]
    public void Raw_JSON_RPC_by_line_is_recognised()
    {
        _wire.Open().FromClient(Peer.Call(1) + "\n").FromServer(Peer.Result(1) + "\r\n");
        Assert.Equal(["tools/call echo ok"], _tracked.Feed(_wire).Summary);
    }

    [Fact]
    public void Pipelined_requests_are_answered_in_order_and_100_continue_is_no_answer()
    {
        _wire
            .Open()
            .FromClient(Peer.Post(Peer.Call(1, "a")) + Peer.Post(Peer.Call(1, "b"), "Expect: 100-continue\r\n"))
            .FromServer(
                Peer.Ok(Peer.Result(1))
                    + "HTTP/1.1 100 Continue\r\n\r\n"
                    + Peer.Ok(Peer.Result(1, """{"isError":true}"""))
            );
        Assert.Equal(["tools/call a ok", "tools/call b tool_error"], _tracked.Feed(_wire).Summary);
    }

    [Fact]
    public void Chunks_with_extensions_and_trailers_and_folded_headers_are_read()
    {
        string body = Peer.Call(1);
        _wire
            .Open()
            .FromClient(
                "POST /mcp HTTP/1.1\r\nX-Folded: a\r\n b\r\nTransfer-Encoding: chunked\r\n"
                    + $"Content-Type: application/json\r\n\r\n3;x=y\r\n{body[..3]}\r\n{body.Length - 3:X}\r\n"
                    + $"{body[3..]}\r\n0\r\nTrailer: t\r\n\r\n"
            )
            .FromServer(Peer.Ok(Peer.Result(1)));
        Assert.Equal(["tools/call echo ok"], _tracked.Feed(_wire).Summary);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public void Coded_bodies_are_read(string coding)
    {
        byte[] coded = Encode(coding, Encoding.UTF8.GetBytes(Peer.Result(1)));
        byte[] head = Encoding.UTF8.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\n"
                + $"Content-Length: {coded.Length}\r\n\r\n"
        );
        _wire.Open().FromClient(Peer.Post(Peer.Call(1))).Send(false, [.. head, .. coded], split: 17);
        Assert.Equal(["tools/call echo ok"], _tracked.Feed(_wire).Summary);
    }

    [Fact]
    public void Coded_event_streams_are_read_as_they_flow()
    {
        byte[] coded = Encode("gzip", Encoding.UTF8.GetBytes($"data: {Peer.Result(1)}\n\n"));
        byte[] head = Encoding.UTF8.GetBytes(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
                + $"Content-Length: {coded.Length + 1}\r\n\r\n"
        );
        _wire.Open().FromClient(Peer.Post(Peer.Call(1))).Send(false, [.. head, .. coded], split: 31);
        Assert.Equal(["tools/call echo ok"], _tracked.Feed(_wire).Summary);
    }

    [Fact]
    public void A_decompression_bomb_costs_no_more_than_a_large_body()
    {
        byte[] coded = Encode("br", new byte[200 << 20]);
        byte[] head = Encoding.UTF8.GetBytes(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: br\r\n"
                + $"Content-Length: {coded.Length}\r\n\r\n"
        );
        _wire.Open().FromClient(Peer.Post(Peer.Call(1))).Send(false, [.. head, .. coded]);
        Assert.Single(_tracked.Feed(_wire).Flush().Json);
        Assert.Equal(1, _tracked.Tracker.Stats.Oversize);
    }

    [Fact]
    public void TLS_is_named_by_its_hello_and_HTTP2_by_its_preface()
    {
        byte[] hello = ClientHello("mcp.example.com", "h2");
        _tracked.Feed(_wire.Open().Send(true, hello, split: 50));
        Wire h2 = new(40001);
        _tracked.Feed(h2.Open().FromClient("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        Assert.Equal(
            [(UnreadableKind.Tls, "mcp.example.com", "h2"), (UnreadableKind.Http2, "", "")],
            _tracked.Unreadable.Select(seen => (seen.Kind, seen.ServerName, seen.Alpn))
        );
        Assert.Equal((1, 1), (_tracked.Tracker.Stats.Tls, _tracked.Tracker.Stats.Http2));
        _tracked.Flush();
    }

    [Fact]
    public void An_upgraded_connection_is_counted_and_left_alone()
    {
        _wire
            .Open()
            .FromClient("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
            .FromServer("HTTP/1.1 101 Switching Protocols\r\n\r\n\u0081\u0005hello");
        Assert.Equal(1, _tracked.Feed(_wire).Tracker.Stats.Upgraded);
    }

    [Fact]
    public void A_gap_in_a_body_is_marked_and_the_next_call_is_whole()
    {
        string response = Peer.Ok(
            Peer.Result(1, $$"""{"content":[{"type":"text","text":"{{new string('x', 500)}}"}]}""")
        );
        _wire
            .Open()
            .FromClient(Peer.Post(Peer.Call(1, "a")))
            .FromServer(response[..150])
            .Unseen(false, 300)
            .FromServer(response[450..])
            .FromClient(Peer.Post(Peer.Call(2, "b")))
            .FromServer(Peer.Ok(Peer.Result(2)));
        _tracked.Feed(_wire, _wire.Log, stepNs: 60_000_000).Flush();
        Assert.Equal(["tools/call a ok", "tools/call b ok"], _tracked.Summary);
        Assert.Contains("\"completeness\":\"gap\"", _tracked.Json[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_joined_in_the_middle_of_a_request_pairs_each_later_call_with_its_own_answer()
    {
        _wire.FromClient("the rest of a body").FromServer(Peer.Ok(Peer.Result(1)));
        for (int call = 0; call < 20; call++)
        {
            // The same id each time: the answers' order alone tells them apart.
            _wire
                .FromClient(Peer.Post(Peer.Call(1, arguments: $$"""{"n":{{call}}}""")))
                .FromServer(Peer.Ok(Peer.Result(1, $$"""{"content":[],"n":{{call}}}""")));
        }
        _tracked.Feed(_wire, _wire.Log, stepNs: 10_000_000).Flush();
        Assert.Equal(
            Enumerable.Range(0, 20).Select(call => (call, call)),
            _tracked
                .Json.Select(json => JsonDocument.Parse(json).RootElement)
                .Select(call =>
                    (
                        call.GetProperty("arguments").GetProperty("n").GetInt32(),
                        call.GetProperty("result").GetProperty("n").GetInt32()
                    )
                )
        );
    }

    [Fact]
    public void An_event_stream_goes_on_after_a_gap()
    {
        string notification = Peer.Event("""{"jsonrpc":"2.0","method":"notifications/message"}""");
        _wire
            .Open()
            .FromClient(Peer.Post(Peer.Call(1)))
            .FromServer(Peer.EventStream())
            .FromServer(notification)
            .Unseen(false, notification.Length)
            .FromServer(notification)
            .FromServer(Peer.Event(Peer.Result(1)) + Peer.LastChunk)
            .FromClient("GET / HTTP/1.1\r\n\r\n");
        _tracked.Feed(_wire, _wire.Log, stepNs: 60_000_000).Flush();
        Assert.Equal(["tools/call echo ok"], _tracked.Summary);
        Assert.Equal(1, _tracked.Tracker.Stats.Gaps);
    }

    [Fact]
    public void A_slow_tool_is_waited_for_and_a_silent_one_times_out()
    {
        _tracked.Feed(_wire.Open().FromClient(Peer.Post(Peer.Call(1))));
        _tracked.Tracker.Tick(_tracked.Now + (long)TimeSpan.FromMinutes(29).TotalNanoseconds);
        Assert.Empty(_tracked.Json);
        _tracked.Tracker.Tick(_tracked.Now + (long)TimeSpan.FromMinutes(31).TotalNanoseconds);
        Assert.Single(_tracked.Json);
    }

    [Fact]
    public void Nothing_is_invented_from_other_traffic()
    {
        _wire
            .Open()
            .FromClient("GET /health HTTP/1.1\r\n\r\n")
            .FromServer(Peer.Ok("""{"status":"up"}"""))
            .FromClient(Peer.Post("""{"method":"x","id":1}"""))
            .FromServer(Peer.Ok("""{"id":1,"result":2}"""))
            .FromClient("GET /mcp HTTP/1.1\r\n\r\n")
            .FromServer(Peer.Ok(Peer.Result(9)));
        Assert.Empty(_tracked.Feed(_wire).Flush().Json);
    }

    private static byte[] Encode(string coding, byte[] data)
    {
        using var to = new MemoryStream();
        using (
            Stream stream = coding switch
            {
                "gzip" => new GZipStream(to, CompressionLevel.Fastest),
                "deflate" => new ZLibStream(to, CompressionLevel.Fastest),
                "br" => new BrotliStream(to, CompressionLevel.Fastest),
                _ => new ZstdSharp.CompressionStream(to),
            }
        )
        {
            stream.Write(data);
        }

        return to.ToArray();
    }

    internal static byte[] ClientHello(string host, string alpn)
    {
        byte[] name = Encoding.ASCII.GetBytes(host),
            protocol = Encoding.ASCII.GetBytes(alpn);
        byte[] sni = [0, 0, .. U16(name.Length + 5), .. U16(name.Length + 3), 0, .. U16(name.Length), .. name];
        byte[] protocols =
        [
            0,
            16,
            .. U16(protocol.Length + 3),
            .. U16(protocol.Length + 1),
            (byte)protocol.Length,
            .. protocol,
        ];
        byte[] body =
        [
            3,
            3,
            .. new byte[32],
            0,
            .. U16(2),
            0x13,
            1,
            1,
            0,
            .. U16(sni.Length + protocols.Length),
            .. sni,
            .. protocols,
        ];
        return [0x16, 3, 1, .. U16(body.Length + 4), 1, 0, .. U16(body.Length), .. body];

        static byte[] U16(int value) => [(byte)(value >> 8), (byte)value];
    }
}
