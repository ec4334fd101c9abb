using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>
/// Whatever common clients and servers take as a call and its answer is one, however the two are written: as rules,
/// where <see cref="FieldTests"/> has single captures.
/// </summary>
public sealed class FieldRuleTests
{
    private static readonly string[][] s_sameIds =
    [
        ["1", "1.0", "\"1\"", "1e0", "10e-1", "\"\\u0031\""],
        ["-7", "\"-7\"", "-7.0"],
        ["\"a-b\"", "\"\\u0061-b\""],
        ["9007199254740992", "\"9007199254740992\"", "9007199254740992.0"],
        ["0", "\"0\"", "0.0"],
    ];

    [Fact]
    public void A_call_and_its_answer_pair_however_they_are_written() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => Pairs(new Random(seed)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void Events_of_other_types_and_heartbeats_are_neither_messages_nor_faults() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => Streams(new Random(seed)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Theory]
    [InlineData("", "id: 7\n", "", "ok")]
    [InlineData("id: 7\ndata:\n\n", "", "", "ok")]
    [InlineData("retry: 5\nid: 7\n\n", "", "", "ok")]
    [InlineData("", "", "", "unpaired")]
    [InlineData("id:\n\n", "", "", "unpaired")]
    [InlineData("", "id: 7\n", "MCP-Protocol-Version: 2026-07-28\r\n", "unpaired")]
    public void A_stream_that_broke_goes_on_at_its_last_event_without_a_session(
        string first,
        string id,
        string headers,
        string told
    )
    {
        var tracked = new Tracked();
        Wire post = new(),
            get = new(40001);
        const string Progress = """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1}}""";
        tracked.Feed(
            post.Open()
                .FromClient(Peer.Post(Peer.Call(1, meta: ",\"_meta\":{\"progressToken\":1}"), headers))
                .FromServer(Peer.EventStream())
                .FromServer(first.Length > 0 ? Peer.Chunk(first) : "")
                .FromServer(Peer.Chunk($"{id}data: {Progress}\n\n"))
                .Close(byClient: false)
        );
        tracked.Feed(
            get.Open()
                .FromClient("GET /mcp HTTP/1.1\r\nAccept: text/event-stream\r\nLast-Event-ID: 7\r\n\r\n")
                .FromServer(Peer.EventStream())
                .FromServer(Peer.Event(Progress))
                .FromServer(Peer.Event(Peer.Result(1)))
        );
        Assert.Equal([$"tools/call echo {told}"], tracked.Summary);
        Assert.Equal(told == "ok" ? 2 : 1, tracked.Only.GetProperty("progress").GetInt32());
        tracked.Flush();
    }

    [Fact]
    public void A_stream_is_resumed_before_the_end_of_the_broken_one_is_seen_and_only_for_the_same_client()
    {
        var tracked = new Tracked();
        Wire post = new();
        tracked.Feed(
            post.Open()
                .FromClient(Peer.Post(Peer.Call(1)))
                .FromServer(Peer.EventStream() + Peer.Chunk("id: 7\ndata:\n\n"))
        );
        foreach (byte client in new byte[] { 9, 1 })
        {
            Wire get = new(40000 + client) { Client = Mcp.Tcp.IpEndpoint.From([10, 0, 0, client], 41000) };
            tracked.Feed(
                get.Open()
                    .FromClient("GET /mcp HTTP/1.1\r\nLast-Event-ID: 7\r\n\r\n")
                    .FromServer(Peer.EventStream() + Peer.Event(Peer.Result(1)))
            );
            Assert.Equal(client == 1 ? 1 : 0, tracked.Json.Count);
        }

        Assert.Equal(["tools/call echo ok"], tracked.Summary);
        tracked.Flush();
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","result":{}}""", "200 OK", "ok")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"result":{}}""", "200 OK", "ok")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"error":{"code":-32700}}""", "200 OK", "rpc_error")]
    [InlineData("""{"jsonrpc":"2.0","error":{"code":-32600}}""", "400 Bad Request", "http_error")]
    [InlineData("""{"jsonrpc":"2.0","id":77,"result":{}}""", "200 OK", "unpaired")]
    public void The_only_call_of_a_response_takes_an_answer_without_an_id(string answer, string status, string told)
    {
        foreach (bool batch in new[] { false, true })
        {
            var tracked = new Tracked();
            string call = batch ? $"[{Peer.Call(1)}]" : Peer.Call(1);
            tracked.Feed(new Wire().Open().FromClient(Peer.Post(call)).FromServer(Peer.Status(status, answer)));
            Assert.Equal([$"tools/call echo {told}"], tracked.Flush().Summary);
        }
    }

    [Fact]
    public void An_HTTP_error_says_why_by_an_id_that_is_no_calls()
    {
        const string Error = """{"jsonrpc":"2.0","id":"server-error","error":{"code":-32600,"message":"bad"}}""";
        var tracked = new Tracked();
        tracked.Feed(
            new Wire().Open().FromClient(Peer.Post(Peer.Call(1))).FromServer(Peer.Status("406 Not Acceptable", Error))
        );
        Assert.Equal(["tools/call echo http_error"], tracked.Flush().Summary);
        Assert.Equal(-32600, tracked.Only.GetProperty("errorCode").GetInt32());
        Assert.Equal(0, tracked.Tracker.Stats.Orphans);
    }

    [Theory]
    [InlineData("200 OK", "rpc_error")]
    [InlineData("400 Bad Request", "http_error")]
    public void A_refused_batch_of_any_length_is_refused_whole_and_says_why(string status, string told)
    {
        for (int count = 2; count < 20; count++)
        {
            var tracked = new Tracked();
            string batch = string.Join(',', Enumerable.Range(1, count).Select(id => Peer.Call(id)));
            const string Error = """{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches"}}""";
            tracked.Feed(new Wire().Open().FromClient(Peer.Post($"[{batch}]")).FromServer(Peer.Status(status, Error)));
            Assert.Equal(Enumerable.Repeat($"tools/call echo {told}", count), tracked.Summary);
            Assert.All(tracked.Json, json => Assert.Contains("-32600", json, StringComparison.Ordinal));
            Assert.Equal(0, tracked.Flush().Tracker.Stats.Orphans);
        }
    }

    [Theory]
    [InlineData("Host: x", "/mcp", true)]
    [InlineData("Host: other", "/mcp", false)]
    [InlineData("Host: x", "/other/mcp", false)]
    public void What_a_server_says_of_itself_holds_for_where_it_was_asked(string host, string target, bool same)
    {
        const string Hello = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}""";
        string call = Peer.Post(Peer.Call(2)).Replace("Host: x", host, StringComparison.Ordinal);
        var tracked = new Tracked();
        tracked.Feed(
            new Wire()
                .Open()
                .FromClient(Peer.Post(Hello))
                .FromServer(Peer.Ok(Peer.Result(1, """{"serverInfo":{"name":"srv","version":"1"}}""")))
                .FromClient(call.Replace("/mcp", target, StringComparison.Ordinal))
                .FromServer(Peer.Ok(Peer.Result(2)))
        );
        Assert.Equal(same, tracked.Json[1].Contains("\"name\":\"srv\"", StringComparison.Ordinal));
        tracked.Flush();
    }

    // One call in any form, with its answer in any form, on any of the ways that an answer takes.
    private static bool Pairs(Random random)
    {
        string[] ids = s_sameIds[random.Next(s_sameIds.Length)];
        string asked = ids[random.Next(ids.Length)],
            answered = ids[random.Next(ids.Length)];
        string request =
            Bom(random)
            + Members(
                random,
                "\"jsonrpc\":\"2.0\"",
                $"\"id\":{asked}",
                "\"method\":\"tools/call\"",
                $"\"params\":{Members(random, "\"name\":\"echo\"", "\"arguments\":{\"id\":99,\"method\":\"x\"}")}"
            );
        (string outcome, string told) = random.Next(5) switch
        {
            0 => ("\"result\":{\"content\":[],\"isError\":true}", "tool_error"),
            1 => ("\"error\":{\"code\":-32601,\"message\":\"no\"}", "rpc_error"),
            2 => ("\"error\":null,\"result\":{\"content\":[]}", "ok"),
            3 => ("\"result\":null,\"error\":{\"data\":{\"code\":1},\"code\":-5}", "rpc_error"),
            _ => ("\"result\":{\"content\":[{\"isError\":true}]}", "ok"),
        };
        string answer = Members(random, "\"jsonrpc\":\"2.0\"", $"\"id\":{answered}", outcome, "\"other\":[{\"id\":5}]");
        var tracked = new Tracked();
        Wire post = new(),
            stream = new(40001);
        int split = random.Next(2) == 0 ? int.MaxValue : random.Next(1, 50);
        switch (random.Next(4))
        {
            case 0:
                post.Open().FromClient(Peer.Post(request), split).FromServer(Peer.Ok(Bom(random) + answer), split);
                break;
            case 1:
                post.Open()
                    .FromClient(Peer.Post(request), split)
                    .FromServer(Peer.EventStream() + Peer.Chunk(Event(random, answer)) + Peer.LastChunk, split);
                break;
            case 2:
                string line = random.Next(2) == 0 ? "\n" : "\r\n";
                post.Open().FromClient(request + line, split).FromServer(Bom(random) + answer + line, split);
                break;
            default:
                const string Session = "Mcp-Session-Id: s\r\n";
                tracked.Feed(
                    stream.Open().FromClient($"GET /mcp HTTP/1.1\r\n{Session}\r\n").FromServer(Peer.EventStream())
                );
                stream.Log.Clear();
                post.Open().FromClient(Peer.Post(request, Session), split).FromServer(Peer.Accepted);
                stream.FromServer(Peer.Chunk(Event(random, answer)), split);
                break;
        }

        tracked.Feed(post).Feed(stream).Flush();
        McpStats stats = tracked.Tracker.Stats;
        return tracked.Summary.SequenceEqual([$"tools/call echo {told}"])
            && (stats.MalformedJson, stats.Orphans, stats.Gaps) == (0, 0, 0);
    }

    // A stream with all that is in streams, around one answer and some progress.
    private static bool Streams(Random random)
    {
        string end = random.Next(3) switch
        {
            0 => "\r\n",
            1 => "\r",
            _ => "\n",
        };
        const string Progress =
            """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p"}}""";
        string[] noise =
        [
            ": keep-alive",
            ":",
            ": {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"isError\":true}}",
            $"event: ping{end}data: {{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"isError\":true}}}}",
            $"event:other{end}data: {Progress}",
            $"event: heartbeat{end}data: now",
            "data: ping",
            "data:",
            "data: 2026-07-28T00:00:00Z",
            "event: message",
            "retry: 3000",
            "id: 12",
            $"id: 12{end}data",
            $"event: ping{end}event: x{end}data: 1",
            "unknown: field",
        ];
        var text = new StringBuilder(random.Next(3) == 0 ? "\uFEFF" : "");
        int progress = random.Next(4);
        for (int i = 0; i < progress; i++)
        {
            Noise();
            text.Append(
                CultureInfo.InvariantCulture,
                $"{(random.Next(2) == 0 ? "" : "event:message" + end)}data:{Progress}{end}{end}"
            );
        }

        Noise();
        string answer = Peer.Result(1)
            .Replace(",\"", random.Next(2) == 0 ? $",{end}data: \"" : ",\"", StringComparison.Ordinal);
        text.Append(CultureInfo.InvariantCulture, $"event: message{end}id: 4{end}data: {answer}{end}{end}");
        Noise();
        var tracked = new Tracked();
        string body = text.ToString();
        int split = random.Next(1, 200);
        tracked
            .Feed(
                new Wire()
                    .Open()
                    .FromClient(Peer.Post(Peer.Call(1, meta: ",\"_meta\":{\"progressToken\":\"p\"}")))
                    .FromServer(Peer.EventStream() + Peer.Chunk(body) + Peer.LastChunk, split)
            )
            .Flush();
        JsonElement call = JsonDocument.Parse(tracked.Json.Single()).RootElement;
        int counted = call.TryGetProperty("progress", out JsonElement found) ? found.GetInt32() : 0;
        McpStats stats = tracked.Tracker.Stats;
        return call.GetProperty("status").GetString() == "ok"
            && counted == progress
            && (stats.MalformedJson, stats.Orphans, stats.HttpLost) == (0, 0, 0);

        void Noise()
        {
            for (int i = random.Next(4); i > 0; i--)
            {
                text.Append(noise[random.Next(noise.Length)]).Append(end).Append(end);
            }
        }
    }

    private static string Bom(Random random) => random.Next(4) == 0 ? "\uFEFF" : string.Empty;

    private static string Members(Random random, params string[] members)
    {
        random.Shuffle(members);
        string blank = random.Next(3) == 0 ? " \t" : string.Empty;
        return $"{{{blank}{string.Join("," + blank, members)}{blank}}}";
    }

    private static string Event(Random random, string data) =>
        random.Next(4) switch
        {
            0 => $"data: {data}\n\n",
            1 => $"event: message\r\ndata:{data}\r\n\r\n",
            2 => $": beat\n\nid: 3\ndata: {data}\nretry: 10\n\n",
            _ => $"event: ping\ndata: x\n\nevent:message\ndata: {data}\n\n",
        };
}
