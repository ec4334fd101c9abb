using System.Text;
using System.Text.Json;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>
/// Traffic that clients, servers and proxies in the field make, and that was once read wrongly; see captures/field.
/// </summary>
public sealed class FieldTests
{
    private readonly Tracked _tracked = new();

    public static TheoryData<string, string[]> Captured =>
        new()
        {
            { "lone_surrogate", ["tools/call ok"] },
            { "legacy_accepted_is_no_fault", [.. Enumerable.Repeat("tools/call ok", 5)] },
            { "healthz_is_no_fault", ["tools/call ok"] },
            { "id_string_for_number", ["tools/call ok", "tools/call ok"] },
            { "error_null_with_result", ["tools/call ok", "tools/call rpc_error(-32601)"] },
            { "error_without_id", ["tools/call rpc_error(-32600)", "tools/call rpc_error(-32600)"] },
            { "json_bom", ["tools/call ok", "tools/call ok"] },
            { "http_deflate_raw", ["tools/call ok"] },
            { "http_te_and_cl", [.. Enumerable.Repeat("tools/call ok", 4)] },
            { "http_early_answer", ["tools/call http_error(413)", "tools/call ok", "tools/call ok"] },
            { "sse_other_event_jsonrpc", ["tools/call ok"] },
            { "notification_id_null", ["tools/call ok"] },
            { "cancelled_stateless", ["tools/call cancelled"] },
            { "joined_mid_stream", [.. Enumerable.Repeat("tools/call ok", 3)] },
            { "legacy_path_session0", ["initialize ok", "tools/call ok"] },
            { "legacy_path_session3", ["initialize ok", "tools/call ok"] },
            { "legacy_progress", ["tools/call ok"] },
            { "connect_then_plain_mcp", [.. Enumerable.Repeat("tools/call ok", 3)] },
            { "http_proxy_protocol_v1", ["tools/call ok", "tools/call ok"] },
        };

    [Theory]
    [MemberData(nameof(Captured))]
    public void A_capture_from_the_field_is_read_right(string name, string[] calls)
    {
        foreach (byte[] packet in Captures.Packets("field/" + name))
        {
            Captures.Read(packet, _tracked.Tracker.Accept);
        }

        _tracked.Flush();
        Assert.Equal(calls, _tracked.Json.Select(Told));
        McpStats stats = _tracked.Tracker.Stats;
        Assert.Equal((0, 0, 0, 0), (stats.MalformedJson, stats.HttpLost, stats.Undecodable, stats.Orphans));
    }

    [Fact]
    public void Without_a_session_no_call_is_told_with_the_client_that_asked_before_on_its_connection()
    {
        foreach (byte[] packet in Captures.Packets("field/stateless_shared_connection"))
        {
            Captures.Read(packet, _tracked.Tracker.Accept);
        }

        string?[] names =
        [
            .. _tracked.Json.Select(json =>
                RecordedCall.TryRead(Encoding.UTF8.GetBytes(json), out RecordedCall? call) ? call.Client.Name : null
            ),
        ];
        Assert.Equal(["claude", "cursor", "", ""], names);
        Assert.All(_tracked.Json, json => Assert.Contains("\"name\":\"srv\"", json, StringComparison.Ordinal));
        _tracked.Flush();
    }

    [Fact]
    public void Only_what_was_meant_as_JSON_can_fail_to_be_it()
    {
        var wire = new Wire().Open();
        foreach (
            string type in new[]
            {
                "text/plain",
                "text/html",
                "application/x-www-form-urlencoded",
                "application/octet-stream",
            }
        )
        {
            wire.FromClient($"POST /x HTTP/1.1\r\nContent-Type: {type}\r\nContent-Length: 3\r\n\r\na=b")
                .FromServer($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: 8\r\n\r\n[INFO] x")
                .FromClient("GET /x HTTP/1.1\r\n\r\n")
                .FromServer(
                    "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\nAccepted"
                );
        }

        Assert.Equal(0, _tracked.Feed(wire).Tracker.Stats.MalformedJson);
        wire.Log.Clear();
        _tracked.Feed(wire.FromClient(Peer.Post("{\"a\":")).FromServer(Peer.Ok("no JSON"))).Flush();
        Assert.Equal(2, _tracked.Tracker.Stats.MalformedJson);
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("text/event-stream, application/json")]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=x")]
    public void A_request_is_read_as_what_it_is_whatever_it_says_it_is(string type)
    {
        foreach (int split in new[] { int.MaxValue, 7 })
        {
            var tracked = new Tracked();
            string post = Peer.Post(Peer.Call(1)).Replace("application/json", type, StringComparison.Ordinal);
            tracked.Feed(new Wire().Open().FromClient(post, split).FromServer(Peer.Ok(Peer.Result(1)))).Flush();
            Assert.Equal(["tools/call echo ok"], tracked.Summary);
        }
    }

    [Fact]
    public void A_page_or_a_file_on_the_port_is_not_gathered()
    {
        var wire = new Wire()
            .Open()
            .FromClient("GET /file HTTP/1.1\r\n\r\n")
            .FromServer(
                "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 10000000\r\n\r\n"
            );
        for (int i = 0; i < 100; i++)
        {
            wire.FromServer(new string('x', 10_000));
        }

        Assert.InRange(_tracked.Feed(wire).Tracker.Stats.HeldBytes, 0, 64 << 10);
        Assert.Equal(0, _tracked.Flush().Tracker.Stats.Oversize);
    }

    [Theory]
    [InlineData("1", "\"1\"")]
    [InlineData("\"1\"", "1")]
    [InlineData("1", "1.0")]
    [InlineData("1.0", "1")]
    [InlineData("10", "1e1")]
    public void An_id_may_come_back_as_a_string_for_a_number_and_on_a_sessions_stream(string asked, string answered)
    {
        string session = "Mcp-Session-Id: s\r\n";
        string call = Peer.Call(7).Replace("\"id\":7", $"\"id\":{asked}", StringComparison.Ordinal);
        string result = Peer.Result(7).Replace("\"id\":7", $"\"id\":{answered}", StringComparison.Ordinal);
        Wire stream = new(),
            post = new(40001);
        _tracked.Feed(stream.Open().FromClient($"GET /mcp HTTP/1.1\r\n{session}\r\n").FromServer(Peer.EventStream()));
        _tracked.Feed(post.Open().FromClient(Peer.Post(call, session)).FromServer(Peer.Accepted));
        stream.Log.Clear();
        _tracked.Feed(stream.FromServer(Peer.Event(result)));
        Assert.Equal(["tools/call ok"], _tracked.Json.Select(Told));
    }

    [Fact]
    public void Two_calls_whose_ids_differ_in_kind_alone_are_not_mistaken()
    {
        string Asked(string id, string tool) =>
            Peer.Call(7, tool).Replace("\"id\":7", $"\"id\":{id}", StringComparison.Ordinal);
        string Answered(string id, string result) =>
            Peer.Result(7, result).Replace("\"id\":7", $"\"id\":{id}", StringComparison.Ordinal);
        var wire = new Wire()
            .Open()
            .FromClient(Asked("1", "number") + "\n" + Asked("\"1\"", "text") + "\n")
            .FromServer(Answered("\"1\"", """{"isError":true}""") + "\n" + Answered("1", "{}") + "\n");
        Assert.Equal(["tools/call text tool_error", "tools/call number ok"], _tracked.Feed(wire).Summary);
    }

    [Fact]
    public void An_error_without_an_id_refuses_the_whole_batch()
    {
        var wire = new Wire()
            .Open()
            .FromClient(Peer.Post($"[{Peer.Call(1)},{Peer.Call(2)}]"))
            .FromServer(Peer.Ok("""{"jsonrpc":"2.0","error":{"code":-32600,"message":"no batches"}}"""));
        Assert.Equal(
            ["tools/call rpc_error(-32600)", "tools/call rpc_error(-32600)"],
            _tracked.Feed(wire).Json.Select(Told)
        );
    }

    [Fact]
    public void A_request_that_the_client_broke_off_after_an_early_answer_is_told()
    {
        string request = Peer.Post(Peer.Call(1, "big", $$"""{"x":"{{new string('y', 5000)}}"}"""));
        var wire = new Wire()
            .Open()
            .FromClient(request[..3000])
            .FromServer(Peer.Status("413 Payload Too Large", ""))
            .Close(byClient: false);
        _tracked.Feed(wire).Flush();
        Assert.Equal(["tools/call http_error(413)"], _tracked.Json.Select(Told));
        Assert.Contains("\"completeness\":\"truncated\"", _tracked.Json[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_early_answer_on_an_event_stream_waits_for_its_request_and_is_held_within_the_budget()
    {
        string request = Peer.Post(Peer.Call(1));
        int half = request.Length - 30;
        var wire = new Wire()
            .Open()
            .FromClient(request[..half])
            .FromServer(
                Peer.EventStream()
                    + Peer.Event("""{"jsonrpc":"2.0","method":"notifications/message"}""")
                    + Peer.Event(Peer.Result(1))
                    + Peer.LastChunk
            )
            .FromClient(request[half..]);
        Assert.Equal(["tools/call ok"], _tracked.Feed(wire).Flush().Json.Select(Told));
        Assert.Equal(0, _tracked.Tracker.Stats.Orphans);
    }

    private static string Told(string json)
    {
        JsonElement call = JsonDocument.Parse(json).RootElement;
        int Number(string name) => call.TryGetProperty(name, out JsonElement value) ? value.GetInt32() : 0;
        int code =
            Number("errorCode") != 0 ? Number("errorCode")
            : Number("httpStatus") >= 300 ? Number("httpStatus")
            : 0;
        return $"{call.GetProperty("method").GetString()} "
            + $"{call.GetProperty("status").GetString()}{(code == 0 ? string.Empty : $"({code})")}";
    }
}
