using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Pairing;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>
/// Calls whose messages are longer than the bound are told, with what tells them wherever it stands, and with their
/// true length.
/// </summary>
public sealed class LongMessageTests
{
    private static readonly string s_filler = new('x', 1_500_000);
    private static readonly string s_request =
        $$"""{"params":{"arguments":{"x":"{{s_filler}}"},"name":"big"}"""
        + ""","jsonrpc":"2.0","method":"tools/call","id":"one"}""";

    private static readonly string s_result =
        $$"""{"result":{"content":["{{s_filler}}"],"isError":true},"jsonrpc":"2.0","id":"one"}""";

    public static TheoryData<string> Ways => ["length", "chunks", "gzip", "lines", "events", "data lines", "session"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_call_is_told_whole_in_all_but_its_payload_however_it_travels(string way)
    {
        Tracked tracked = new();
        var wire = new Wire().Open();
        byte[] answer = Encoding.UTF8.GetBytes(s_result);
        switch (way)
        {
            case "length":
                wire.FromClient(Peer.Post(s_request), 60_000).FromServer(Peer.Ok(s_result), 1400);
                break;
            case "chunks":
                wire.FromClient(
                        "POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + Chunks(s_request),
                        9000
                    )
                    .FromServer(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + Chunks(s_result),
                        9000
                    );
                break;
            case "gzip":
                byte[] coded = Gzip(answer);
                wire.FromClient(Peer.Post(s_request), 9000)
                    .FromServer($"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {coded.Length}\r\n\r\n")
                    .Send(false, coded, 700);
                break;
            case "lines":
                wire.FromClient(s_request + "\n", 9000).FromServer(s_result + "\n", 9000);
                break;
            case "events":
                wire.FromClient(Peer.Post(s_request), 9000)
                    .FromServer(
                        Peer.EventStream()
                            + Peer.Event("{}")
                            + Peer.Event(s_result)
                            + Peer.Event("{}")
                            + Peer.LastChunk,
                        9000
                    );
                break;
            case "data lines":
                wire.FromClient(Peer.Post(s_request), 9000)
                    .FromServer(
                        Peer.EventStream()
                            + Peer.Event(s_result.Replace(",\"", ",\ndata: \"", StringComparison.Ordinal))
                            + Peer.LastChunk,
                        9000
                    );
                break;
            case "session":
                Wire stream = new(40001);
                tracked.Feed(
                    stream
                        .Open()
                        .FromClient("GET /mcp HTTP/1.1\r\nMcp-Session-Id: s\r\n\r\n")
                        .FromServer(Peer.EventStream())
                );
                tracked.Feed(
                    wire.FromClient(Peer.Post(s_request, "Mcp-Session-Id: s\r\n"), 9000).FromServer(Peer.Accepted)
                );
                wire.Log.Clear();
                stream.Log.Clear();
                tracked.Feed(stream.FromServer(Peer.Event(s_result), 9000));
                break;
        }

        JsonElement call = tracked.Feed(wire).Flush().Only;
        Assert.Equal(["tools/call big tool_error"], tracked.Summary);
        Assert.Equal("truncated", call.GetProperty("completeness").GetString());
        Assert.Equal(s_request.Length, call.GetProperty("requestBytes").GetInt64());
        int lineEnds = way == "data lines" ? 3 : 0; // data lines are joined by line feeds
        Assert.Equal(s_result.Length + lineEnds, call.GetProperty("responseBytes").GetInt64());
        Assert.StartsWith("{\"x\":\"xxx", call.GetProperty("arguments").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_error_of_any_length_has_its_code(bool codeFirst)
    {
        string code = "\"code\":-32001",
            message = $"\"message\":\"{s_filler}\"";
        string answer =
            "{\"jsonrpc\":\"2.0\",\"error\":{"
            + (codeFirst ? $"{code},{message}" : $"{message},{code}")
            + "},\"id\":1}";
        Tracked tracked = new();
        tracked.Feed(new Wire().Open().FromClient(Peer.Post(Peer.Call(1))).FromServer(Peer.Ok(answer), 9000));
        Assert.Equal(-32001, tracked.Only.GetProperty("errorCode").GetInt32());
    }

    [Fact]
    public void A_notification_is_no_request_at_any_length()
    {
        foreach (
            string body in new[]
            {
                $$$"""{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"{{{s_filler}}}"}}""",
                $$$"""{"params":{"data":"{{{s_filler}}}"},"method":"notifications/message","jsonrpc":"2.0"}""",
                $$"""{"params":{"data":"{{s_filler}}"},"method":"x/notify","jsonrpc":"2.0"}""",
            }
        )
        {
            Tracked tracked = new();
            tracked.Feed(new Wire().Open().FromClient(Peer.Post(body), 9000).FromServer(Peer.Accepted)).Flush();
            Assert.Equal((0, 1), (tracked.Json.Count, tracked.Tracker.Stats.Notifications));
        }
    }

    [Fact]
    public void Long_JSON_that_is_no_JSON_RPC_is_no_call()
    {
        string body = $$"""{"params":{"x":"{{s_filler}}"},"method":"run","id":1}""";
        Tracked tracked = new();
        tracked.Feed(new Wire().Open().FromClient(Peer.Post(body), 9000).FromServer(Peer.Accepted)).Flush();
        Assert.Empty(tracked.Json);
    }

    [Fact]
    public void A_call_is_told_when_no_memory_is_left_for_its_body()
    {
        Tracked tracked = new(new McpOptions { MaxMemoryBytes = 256 << 10 });
        tracked
            .Feed(
                new Wire()
                    .Open()
                    .FromClient(Peer.Post(s_request), 9000)
                    .FromServer(Peer.Ok(Peer.Result(1).Replace("\"id\":1", "\"id\":\"one\"", StringComparison.Ordinal)))
            )
            .Flush();
        Assert.Equal(["tools/call big ok"], tracked.Summary);
        Assert.Equal(s_request.Length, tracked.Only.GetProperty("requestBytes").GetInt64());
    }

    [Fact]
    public void A_request_whose_chunks_were_lost_is_told_from_what_was_read()
    {
        string start = "POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        string body = Peer.Call(1, "lost", $"{{\"x\":\"{new string('y', 3000)}\"}}");
        var wire = new Wire()
            .Open()
            .FromClient(start + Peer.Chunk(body[..1000]))
            .Unseen(true, 2100)
            .FromClient("rest\r\n" + Peer.LastChunk)
            .FromServer(Peer.Ok(Peer.Result(1)))
            .FromClient(Peer.Post(Peer.Call(2, "next")))
            .FromServer(Peer.Ok(Peer.Result(2)));
        Tracked tracked = new();
        tracked.Feed(wire, wire.Log, stepNs: 60_000_000).Flush();
        Assert.Equal(["tools/call lost ok", "tools/call next ok"], tracked.Summary);
        Assert.Contains("\"completeness\":\"gap\"", tracked.Json[0], StringComparison.Ordinal);
        Assert.Equal(1, tracked.Tracker.Stats.HttpLost);
    }

    [Fact]
    public void What_reads_on_finds_what_the_parser_finds_in_any_order_and_in_any_pieces() =>
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    var random = new Random(seed);
                    byte[] text = Encoding.UTF8.GetBytes(Message(random));
                    int kept = random.Next(text.Length + 1);
                    var parser = new JsonRpcParser(new Utf8StringCache());
                    var rest = new LongMessage(new JsonValues(new Utf8StringCache()));
                    rest.Begin();
                    for (int at = 0; at < text.Length; )
                    {
                        int length = Math.Min(text.Length - at, random.Next(1, 20));
                        rest.Feed(text.AsSpan(at, length));
                        at += length;
                    }

                    JsonRpcParse whole = parser.Parse(text, truncated: false, out JsonRpcMessage expected);
                    parser.Parse(text.AsSpan(0, kept), truncated: true, out JsonRpcMessage found);
                    rest.Complete(ref found);
                    return whole is JsonRpcParse.Message or JsonRpcParse.Other
                        && rest.Length == text.Length
                        && (found.Kind, found.Id, found.Method, found.Name, found.ErrorCode, found.IsToolError)
                            == (
                                expected.Kind,
                                expected.Id,
                                expected.Method,
                                expected.Name,
                                expected.ErrorCode,
                                expected.IsToolError
                            )
                        && found.ResultType == expected.ResultType
                        && Told(found.Task) == Told(expected.Task);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    private static string Told(McpTask task) =>
        (task.Id, task.Key, task.Status, task.Outcome, task.IsToolError, task.ErrorCode).ToString();

    // A message of members in any order, some of them missing, among decoys at other depths.
    private static string Message(Random random)
    {
        string[] values =
        [
            "1",
            "\"1\"",
            "null",
            "true",
            "-2.50",
            "\"a\\\"b\\\\\"",
            "[1,{\"id\":7},[\"method\"]]",
            "{\"id\":9,\"method\":\"no\",\"name\":[]}",
            "{}",
            "[]",
        ];
        string Any() => values[random.Next(values.Length)];
        string Blank() => random.Next(4) == 0 ? " \r\n\t"[..random.Next(5)] : string.Empty;
        string Object(params string[] members)
        {
            string[] some = [.. members.Where(_ => random.Next(5) != 0), $"\"other\":{Any()}"];
            random.Shuffle(some);
            return "{" + Blank() + string.Join("," + Blank(), some) + Blank() + "}";
        }

        string name = random.Next(3) == 0 ? "\"m\\u0065thod\"" : "\"method\"";
        string arguments = $"\"arguments\":{Any()}",
            tool = string.Create(CultureInfo.InvariantCulture, $"\"name\":\"tool{random.Next(3)}\"");
        return random.Next(4) switch
        {
            3 => Object(
                "\"jsonrpc\":\"2.0\"",
                "\"id\":3",
                "\"result\":"
                    + Object(
                        "\"resultType\":\"task\"",
                        "\"taskId\":\"t\"",
                        "\"status\":\"failed\"",
                        Ended(random, Object)
                    )
            ),
            0 => Object(
                "\"jsonrpc\":\"2.0\"",
                "\"id\":\"x\"",
                $"{name}:\"tools/call\"",
                $"\"params\":{Object(arguments, tool)}"
            ),
            1 => Object(
                "\"jsonrpc\":\"2.0\"",
                "\"id\":3",
                $"\"result\":{Object("\"isError\":true", $"\"content\":{Any()}")}"
            ),
            _ => Object(
                "\"jsonrpc\":\"2.0\"",
                "\"id\":-4",
                $"\"error\":{(random.Next(3) == 0 ? "null" : Object("\"code\":-32602", $"\"data\":{Any()}"))}"
            ),
        };
    }

    // What a task ended with, if it did.
    private static string Ended(Random random, Func<string[], string> of) =>
        random.Next(3) switch
        {
            0 => $"\"result\":{of(["\"isError\":true", "\"content\":[{\"isError\":false}]"])}",
            1 => $"\"error\":{of(["\"code\":-32603", "\"data\":{\"code\":1}"])}",
            _ => "\"error\":null",
        };

    [Theory]
    [InlineData("tool_error", """ "result":{"content":["%"],"isError":true},"status":"completed" """)]
    [InlineData("rpc_error", """ "error":{"message":"%","code":-32603},"status":"failed" """)]
    [InlineData("ok", """ "status":"completed","result":{"isError":false,"content":["%"]}""")]
    public void A_task_ends_with_a_result_of_any_length(string told, string members)
    {
        const string Created = """{"resultType":"task","taskId":"t-1","status":"working"}""";
        string get = """{"jsonrpc":"2.0","id":2,"method":"tasks/get","params":{"taskId":"t-1"}}""";
        members = members.Replace("%", s_filler, StringComparison.Ordinal);
        Tracked tracked = new();
        tracked
            .Feed(
                new Wire()
                    .Open()
                    .FromClient(Peer.Post(Peer.Call(1)))
                    .FromServer(Peer.Ok(Peer.Result(1, Created)))
                    .FromClient(Peer.Post(get))
                    .FromServer(Peer.Ok(Peer.Result(2, "{" + members + ",\"taskId\":\"t-1\"}")), 9000)
            )
            .Flush();
        Assert.Equal([$"tools/call echo {told}", "tasks/get ok"], tracked.Summary);
        Assert.Contains("\"completeness\":\"truncated\"", tracked.Json[0], StringComparison.Ordinal);
    }

    private static string Chunks(string text) =>
        string.Concat(text.Chunk(100_000).Select(chunk => Peer.Chunk(new string(chunk)))) + Peer.LastChunk;

    private static byte[] Gzip(byte[] data)
    {
        using var to = new MemoryStream();
        using (
            var gzip = new System.IO.Compression.GZipStream(
                to,
                System.IO.Compression.CompressionLevel.Fastest,
                leaveOpen: true
            )
        )
        {
            gzip.Write(data);
        }

        return to.ToArray();
    }
}
