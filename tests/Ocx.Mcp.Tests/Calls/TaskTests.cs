using System.Text.Json;
using Ocx.Mcp.Pairing;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>A call that becomes a task is one call, which ends when the task does.</summary>
public class TaskTests
{
    private const string Task = "786512e2-9e0d-44bd-8f29-789f320fe840";
    private const string Times = "\"createdAt\":\"2026-08-01T10:30:00Z\",\"ttlMs\":60000,\"pollIntervalMs\":50";
    private const string Tool = """{"content":[{"type":"text","text":"done"}]}""";

    private readonly Tracked _tracked = new();

    public static TheoryData<string, string, string> Ends =>
        new()
        {
            { "completed", $"\"result\":{Tool}", "ok" },
            { "completed", "\"result\":{\"content\":[],\"isError\":true}", "tool_error" },
            { "failed", "\"error\":{\"code\":-32603,\"message\":\"no\"}", "rpc_error" },
            { "cancelled", "\"a\":1", "cancelled" },
        };

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_call_ends_as_its_task_does_when_its_client_asks(string status, string member, string told)
    {
        Wire wire = Begun();
        for (int i = 2; i < 5; i++)
        {
            Get(wire, i, $"\"status\":\"working\",{Times}");
        }

        wire = Get(wire, 5, $"{member},{Times},\"status\":\"{status}\"");
        Assert.Equal(
            ["tasks/get ok", "tasks/get ok", "tasks/get ok", $"tools/call slow {told}", "tasks/get ok"],
            _tracked.Feed(wire).Summary
        );
        JsonElement call = Call();
        Assert.Equal(Task, call.GetProperty("task").GetProperty("id").GetString());
        Assert.Equal(status, call.GetProperty("task").GetProperty("status").GetString());
        Assert.Equal(60000, call.GetProperty("ttlMs").GetInt32());
        Assert.Equal("complete", call.GetProperty("completeness").GetString());
        Assert.True(call.GetProperty("durationNs").GetInt64() > call.GetProperty("timeToFirstByteNs").GetInt64());
        Assert.Equal(told == "rpc_error", call.TryGetProperty("errorCode", out JsonElement code));
        Assert.Equal(told == "rpc_error" ? -32603 : 0, told == "rpc_error" ? code.GetInt32() : 0);
        if (told == "ok")
        {
            Assert.Equal(Tool, call.GetProperty("result").GetRawText());
        }

        Assert.All(_tracked.Json, json => Assert.DoesNotContain("headerMismatch", json, StringComparison.Ordinal));
        Assert.Equal(0, _tracked.Flush().Tracker.Stats.HeaderMismatches);
        Assert.Equal(5, _tracked.Json.Count);
    }

    [Theory]
    [InlineData("notifications/tasks", $"\"status\":\"completed\",\"result\":{Tool}", "ok")]
    [InlineData("notifications/tasks", "\"result\":{\"isError\":true},\"status\":\"completed\"", "tool_error")]
    [InlineData("notifications/tasks", "\"status\":\"cancelled\"", "cancelled")]
    [InlineData("notifications/tasks/status", "\"status\":\"cancelled\"", "cancelled")]
    public void A_notification_on_a_stream_tells_the_end(string method, string members, string told)
    {
        Wire call = Begun(),
            stream = new(40001);
        _tracked.Feed(call);
        string listen =
            $$$$"""{"jsonrpc":"2.0","id":"l","method":"subscriptions/listen","params":{"notifications":{"taskIds":"""
            + $$$$"""["{{{{Task}}}}"]}}}""";
        string notification =
            $$$"""{"jsonrpc":"2.0","method":"{{{method}}}","params":{"taskId":"{{{Task}}}",{{{members}}},"""
            + $$$"""{{{Times}}}}}""";
        _tracked.Feed(
            stream
                .Open()
                .FromClient(Peer.Post(listen))
                .FromServer(Peer.EventStream())
                .FromServer(Peer.Event(notification.Replace("completed\"", "working\"", StringComparison.Ordinal)))
                .FromServer(Peer.Event(notification))
                .FromServer(Peer.Event(notification))
        );
        Assert.Equal([$"tools/call slow {told}"], _tracked.Summary);
    }

    [Fact]
    public void A_client_cannot_end_a_task_by_saying_so()
    {
        string forged =
            $$$$"""{"jsonrpc":"2.0","method":"notifications/tasks","params":"""
            + $$$$"""{"taskId":"{{{{Task}}}}","status":"completed","result":{}}}""";
        Wire wire = Begun().FromClient(Peer.Post(forged)).FromServer(Peer.Accepted);
        Assert.Empty(_tracked.Feed(wire).Json);
        Assert.Equal(["tools/call slow unpaired"], _tracked.Flush().Summary);
    }

    [Fact]
    public void A_task_is_found_from_another_connection_and_by_its_long_id_at_another_address_of_the_service()
    {
        _tracked.Feed(Begun());
        Wire other = new(41000) { Called = Mcp.Tcp.IpEndpoint.From([10, 0, 0, 77], 8080) };
        _tracked.Feed(Get(other.Open(), 9, $"\"status\":\"completed\",\"result\":{Tool}"));
        Assert.Equal(["tools/call slow ok", "tasks/get ok"], _tracked.Summary);
    }

    [Theory]
    [InlineData(Task, 2)]
    [InlineData("1", 1)]
    public void Where_two_tasks_have_an_id_neither_is_taken_for_the_other(string id, int servers)
    {
        for (int server = 1; server <= 2; server++)
        {
            Wire wire = new(40000 + server)
            {
                Called = Mcp.Tcp.IpEndpoint.From([10, 0, 1, (byte)(server % servers)], 8080),
            };
            Begin(wire.Open(), id);
            _tracked.Feed(wire);
        }

        Wire elsewhere = new(41000)
        {
            Called = Mcp.Tcp.IpEndpoint.From([10, 0, 1, (byte)(servers == 1 ? 0 : 9)], 8080),
        };
        _tracked.Feed(Get(elsewhere.Open(), 9, $"\"status\":\"completed\",\"result\":{Tool}", id));
        Assert.Equal(["tasks/get ok"], _tracked.Summary);
        Assert.Equal(
            ["tasks/get ok", "tools/call slow unpaired", "tools/call slow unpaired"],
            _tracked.Flush().Summary
        );
    }

    [Theory]
    [InlineData("working", "cancelled")]
    [InlineData("completed", "ok")]
    public void Who_cancels_a_task_may_still_be_told_that_it_was_done(string then, string told)
    {
        Wire wire = Ask(Begun(), 2, "cancel").FromServer(Peer.Ok(Peer.Result(2, """{"resultType":"complete"}""")));
        _tracked.Feed(Get(wire, 3, $"\"status\":\"{then}\",\"result\":{Tool}"));
        _tracked.Tracker.Tick(_tracked.Now + 59_000_000_000);
        Assert.Equal(told == "ok", _tracked.Summary.Contains("tools/call slow ok"));
        _tracked.Tracker.Tick(_tracked.Now + 61_000_000_000);
        Assert.Contains($"tools/call slow {told}", _tracked.Summary);
        Assert.InRange(Call().GetProperty("durationNs").GetInt64(), 1, 1_000_000_000);
        Assert.Equal(0, _tracked.Flush().Tracker.Stats.OpenConnections);
    }

    [Fact]
    public void A_refused_cancellation_and_a_task_that_is_not_known_end_nothing()
    {
        const string Unknown = """{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"unknown task"}}""";
        Wire wire = Ask(Begun(), 2, "cancel").FromServer(Peer.Ok(Unknown));
        Ask(wire, 2, "get").FromServer(Peer.Ok(Unknown));
        Assert.Equal(["tasks/cancel rpc_error", "tasks/get rpc_error"], _tracked.Feed(wire).Summary);
        Assert.Contains("tools/call slow unpaired", _tracked.Flush().Summary);
    }

    [Fact]
    public void A_task_that_is_asked_for_may_last_and_one_that_is_not_is_given_up_by_name()
    {
        _tracked.Feed(Begun());
        long minute = 60_000_000_000;
        for (int i = 0; i < 10; i++)
        {
            _tracked.Now += 20 * minute;
            _tracked.Tracker.Tick(_tracked.Now);
            _tracked.Feed(Get(new Wire(41000 + i).Open(), 10 + i, $"\"status\":\"working\",{Times}"));
        }

        Assert.DoesNotContain("tools/call slow timeout", _tracked.Summary);
        _tracked.Tracker.Tick(_tracked.Now + (31 * minute));
        Assert.Contains("tools/call slow timeout", _tracked.Summary);
        Assert.Equal("working", Call().GetProperty("task").GetProperty("status").GetString());
        _tracked.Flush();
    }

    [Fact]
    public void Tasks_that_never_end_hold_a_share_of_the_memory_and_are_shed_by_name()
    {
        const int Memory = 4 << 20,
            Calls = 5000;
        var tracked = new Tracked(new McpOptions { MaxMemoryBytes = Memory });
        var wire = new Wire().Open();
        for (int i = 0; i < Calls; i++)
        {
            Begin(wire, $"task-number-{i:000000}", $$"""{"a":"{{new string('x', 3000)}}"}""");
            tracked.Feed(wire);
            wire.Log.Clear();
            Assert.InRange(tracked.Tracker.Stats.HeldBytes, 0, Memory / 3);
        }

        Assert.Equal(tracked.Json.Count, tracked.Tracker.Stats.ShedCalls);
        Assert.All(tracked.Json, json => Assert.Contains("\"completeness\":\"shed\"", json, StringComparison.Ordinal));
        Assert.Contains("\"id\":\"task-number-000000\"", tracked.Json[0], StringComparison.Ordinal);
        Assert.Equal(Calls, tracked.Flush().Json.Count);
    }

    [Fact]
    public void The_tasks_of_2025_end_with_their_result_which_is_asked_for_by_itself()
    {
        const string Session = "Mcp-Session-Id: s\r\n";
        string augmented = Peer.Call(1, "slow")
            .Replace("\"arguments\":{}", "\"arguments\":{},\"task\":{\"ttl\":60000}", StringComparison.Ordinal);
        Wire wire = new Wire()
            .Open()
            .FromClient(Peer.Post(augmented, Session))
            .FromServer(Peer.Ok(Peer.Result(1, $$$"""{"task":{"taskId":"{{{Task}}}","status":"working"}}""")));
        Ask(wire, 2, "get", Task, Session)
            .FromServer(Peer.Ok(Peer.Result(2, $$"""{"taskId":"{{Task}}","status":"completed"}""")));
        Ask(wire, 3, "result", Task, Session)
            .FromServer(Peer.Ok(Peer.Result(3, """{"content":[{"type":"text","text":"done"}],"isError":true}""")));
        Assert.Equal(
            ["tasks/get ok", "tools/call slow tool_error", "tasks/result tool_error"],
            _tracked.Feed(wire).Flush().Summary
        );
        Assert.Contains("\"text\":\"done\"", Call().GetProperty("result").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_of_a_task_counts_for_its_call()
    {
        const string Session = "Mcp-Session-Id: s\r\n";
        string request = Peer.Call(1, "slow", meta: ",\"_meta\":{\"progressToken\":\"p\"}");
        Wire wire = new Wire()
            .Open()
            .FromClient(Peer.Post(request, Session))
            .FromServer(Peer.Ok(Peer.Result(1, Created(Task))));
        Wire stream = new(40001);
        _tracked.Feed(wire);
        _tracked.Feed(
            stream
                .Open()
                .FromClient($"GET /mcp HTTP/1.1\r\n{Session}\r\n")
                .FromServer(Peer.EventStream())
                .FromServer(
                    Peer.Event(
                        """{"jsonrpc":"2.0","method":"notifications/progress","params":"""
                            + """{"progressToken":"p","progress":1}}"""
                    )
                )
        );
        wire.Log.Clear();
        Ask(wire, 2, "get", Task, Session)
            .FromServer(Peer.Ok(Peer.Result(2, $$$"""{"taskId":"{{{Task}}}","status":"completed","result":{}}""")));
        _tracked.Feed(wire);
        Assert.Equal(1, Call().GetProperty("progress").GetInt32());
    }

    [Theory]
    [InlineData(Task, false)]
    [InlineData("other", true)]
    [InlineData("=?base64?Nzg2NTEyZTItOWUwZC00NGJkLThmMjktNzg5ZjMyMGZlODQw?=", false)]
    public void The_name_header_of_a_request_about_a_task_is_the_tasks_id(string header, bool mismatch)
    {
        foreach ((int port, string method) in new[] { (42000, "get"), (42001, "update"), (42002, "cancel") })
        {
            string body =
                $$$$$"""{"jsonrpc":"2.0","id":7,"method":"tasks/{{{{{method}}}}}","params":"""
                + $$$$$"""{"taskId":"{{{{{Task}}}}}","inputResponses":{"name":{"action":"accept"}}}}""";
            _tracked.Feed(
                new Wire(port)
                    .Open()
                    .FromClient(Peer.Post(body, $"Mcp-Method: tasks/{method}\r\nMcp-Name: {header}\r\n"))
                    .FromServer(Peer.Ok(Peer.Result(7, "{}")))
            );
        }

        Assert.Equal(
            mismatch,
            _tracked.Json.TrueForAll(json => json.Contains("\"headerMismatch\":true", StringComparison.Ordinal))
        );
        Assert.Equal(mismatch ? 3 : 0, _tracked.Tracker.Stats.HeaderMismatches);
    }

    private static string Created(string id) =>
        $$"""{"resultType":"task","taskId":"{{id}}","status":"working",{{Times}}}""";

    private static Wire Begin(Wire wire, string id, string arguments = "{}") =>
        wire.FromClient(
                Peer.Post(
                    Peer.Call(1, "slow", arguments),
                    "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: slow\r\n"
                )
            )
            .FromServer(Peer.Ok(Peer.Result(1, Created(id))));

    private static Wire Begun() => Begin(new Wire().Open(), Task);

    private static Wire Ask(Wire wire, int id, string method, string task = Task, string headers = "") =>
        wire.FromClient(
            Peer.Post(
                $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"tasks/{{{method}}}","params":{"taskId":"{{{task}}}"}}""",
                $"{headers}Mcp-Method: tasks/{method}\r\nMcp-Name: {task}\r\n"
            )
        );

    private static Wire Get(Wire wire, int id, string members, string task = Task) =>
        Ask(wire, id, "get", task)
            .FromServer(Peer.Ok(Peer.Result(id, $$"""{"resultType":"complete","taskId":"{{task}}",{{members}}}""")));

    private JsonElement Call() =>
        JsonDocument
            .Parse(_tracked.Json.Single(json => json.Contains("tools/call", StringComparison.Ordinal)))
            .RootElement;
}
