using Ocx.Mcp.Pairing;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>
/// Calls are told when their connection ends, as live segments show it, and never as complete when something was left
/// out.
/// </summary>
public class EndTests
{
    private readonly Tracked _tracked = new();
    private readonly Wire _wire = new();

    [Fact]
    public void An_answer_that_lasts_until_the_close_is_told_at_the_FIN()
    {
        string answer = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + Peer.Result(1);
        _tracked.Feed(_wire.Open().FromClient(Peer.Post(Peer.Call(1))).FromServer(answer, split: 40));
        Assert.Empty(_tracked.Json);
        _wire.Log.Clear();
        _tracked.Feed(_wire.Close(byClient: false));
        Assert.Equal(["tools/call echo ok"], _tracked.Summary);
        Assert.Equal(0, _tracked.Tracker.Stats.OpenConnections);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stream_that_its_client_closes_is_told_at_once(bool reset)
    {
        _wire
            .Open()
            .FromClient(
                Peer.Post(
                    Peer.Call(1),
                    "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: echo\r\n"
                )
            )
            .FromServer(Peer.EventStream())
            .Close();
        if (reset)
        {
            _wire.Log.Add(_wire.Log[^2] with { Sequence = _wire.Log[^2].Sequence + 1, Flags = TcpFlags.Rst });
            _wire.Log.RemoveAt(_wire.Log.Count - 2);
        }

        Assert.Equal(["tools/call echo cancelled"], _tracked.Feed(_wire).Summary);
    }

    [Fact]
    public void A_client_that_sends_no_more_after_its_request_still_gets_its_answer()
    {
        _wire.Open().FromClient(Peer.Post(Peer.Call(1))).Close();
        Sent fin = _wire.Log[^2];
        _wire.Log.RemoveRange(_wire.Log.Count - 2, 2);
        _wire.Log.Add(fin);
        var answers = new Wire(serverStart: 9001, clientStart: fin.Sequence + 1);
        answers.FromServer(Peer.Ok(Peer.Result(1))).Close(byClient: false);
        answers.Log.RemoveAt(answers.Log.Count - 1);
        _tracked.Feed(_wire).Feed(answers);
        Assert.Equal(["tools/call echo ok"], _tracked.Summary);
        Assert.Equal((0, 0), (_tracked.Tracker.Stats.OpenConnections, _tracked.Tracker.Stats.Gaps));
    }

    [Fact]
    public void Calls_by_line_are_told_when_their_connection_ends()
    {
        _tracked.Feed(
            _wire.Open().FromClient(Peer.Call(1) + "\n" + Peer.Call(2) + "\n").FromServer(Peer.Result(2) + "\n").Close()
        );
        Assert.Equal(["tools/call echo ok", "tools/call echo unpaired"], _tracked.Summary);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Answers_whose_direction_was_not_captured_are_a_gap(bool controlSegments)
    {
        for (int i = 1; i <= 3; i++)
        {
            (i == 1 ? _wire.Open() : _wire).FromClient(Peer.Post(Peer.Call(i))).FromServer(Peer.Ok(Peer.Result(i)));
        }

        _tracked.Feed(_wire, _wire.Log.Where(sent => sent.FromClient && (controlSegments || sent.Length > 0))).Flush();
        Assert.Equal(Enumerable.Repeat("tools/call echo unpaired", 3), _tracked.Summary);
        Assert.All(_tracked.Json, json => Assert.Contains("\"completeness\":\"gap\"", json, StringComparison.Ordinal));
    }

    [Fact]
    public void An_answer_that_was_lost_whole_leaves_no_call_complete()
    {
        _wire
            .Open()
            .FromClient(Peer.Post(Peer.Call(1)))
            .FromServer(Peer.Ok(Peer.Result(1)))
            .FromClient(Peer.Post(Peer.Call(2)))
            .FromServer(Peer.Ok(Peer.Result(2)))
            .Close();
        _wire.Log.RemoveAt(5); // the second answer
        _tracked.Feed(_wire);
        _tracked.Tracker.Tick(_tracked.Now += 200_000_000);
        Assert.Equal(["tools/call echo ok", "tools/call echo unpaired"], _tracked.Summary);
        Assert.Contains("\"completeness\":\"gap\"", _tracked.Json[1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_HTTP_answer_without_its_request_is_an_orphan()
    {
        _tracked.Feed(_wire.FromServer(Peer.Ok(Peer.Result(1))).FromServer(Peer.Ok(Peer.Result(2))));
        Assert.Equal(2, _tracked.Tracker.Stats.Orphans);
    }

    [Fact]
    public void Arguments_and_results_that_found_no_memory_are_told_as_shed()
    {
        string large = $$"""{"text":"{{new string('x', 3000)}}"}""";
        Tracked tracked = new(new McpOptions { MaxMemoryBytes = 7000 });
        tracked.Feed(
            _wire
                .Open()
                .FromClient(Peer.Post(Peer.Call(1, arguments: large)))
                .FromServer(Peer.Ok(Peer.Result(1, large)))
                .Close()
        );
        Assert.Equal(["tools/call echo ok"], tracked.Summary);
        Assert.Contains("\"completeness\":\"shed\"", tracked.Json[0], StringComparison.Ordinal);
        Assert.EndsWith(" shed", tracked.Lines[0], StringComparison.Ordinal);
        Assert.InRange(tracked.Tracker.Stats.ShedPayloads, 1, 2);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("event")]
    [InlineData("line")]
    public void An_answer_that_found_no_memory_is_shed_and_not_too_long(string way)
    {
        Tracked tracked = new(new McpOptions { MaxMemoryBytes = 40_000, Payload = PayloadMode.Metadata });
        string answer = Peer.Result(1, $$"""{"content":["{{new string('x', 100_000)}}"]}""");
        Wire wire = _wire.Open().FromClient(way == "line" ? Peer.Call(1) + "\n" : Peer.Post(Peer.Call(1)));
        tracked.Feed(
            wire.FromServer(
                    way switch
                    {
                        "body" => Peer.Ok(answer),
                        "event" => Peer.EventStream() + Peer.Event(answer) + Peer.LastChunk,
                        _ => answer + "\n",
                    },
                    split: 1400
                )
                .Close()
        );
        tracked.Flush();

        Assert.Equal(["tools/call echo ok"], tracked.Summary);
        Assert.Contains("\"completeness\":\"shed\"", tracked.Json[0], StringComparison.Ordinal);
        Assert.Equal((0, 1), (tracked.Tracker.Stats.Oversize, tracked.Tracker.Stats.ShedPayloads));
    }

    [Fact]
    public void A_call_that_makes_room_for_others_is_told_as_shed()
    {
        Tracked tracked = new(new McpOptions { MaxMemoryBytes = 100_000 });
        for (int i = 0; i < 100; i++)
        {
            var wire = new Wire(40000 + i);
            tracked.Feed(wire.Open().FromClient(Peer.Post(Peer.Call(i))));
        }

        Assert.NotEmpty(tracked.Json);
        Assert.All(
            tracked.Json,
            json => Assert.Contains("\"status\":\"unpaired\",\"completeness\":\"shed\"", json, StringComparison.Ordinal)
        );
        McpStats stats = tracked.Tracker.Stats;
        Assert.Equal(tracked.Json.Count, stats.ShedCalls + stats.ShedConnections);
        tracked.Flush();
    }

    [Fact]
    public void Requests_beyond_the_bound_of_those_in_a_row_leave_later_answers_with_their_own_requests()
    {
        for (int i = 0; i < 300; i++)
        {
            _wire.FromClient(Peer.Post(Peer.Call(i)));
        }

        for (int i = 0; i < 300; i++)
        {
            _wire.FromServer(i % 2 == 0 ? Peer.Ok(Peer.Result(i)) : Peer.Status("404 Not Found", "{}"));
        }

        _tracked.Feed(_wire).Flush();
        Assert.Equal(
            256,
            _tracked.Json.Count(json => json.Contains("\"completeness\":\"shed\"", StringComparison.Ordinal))
        );
        Assert.Equal(
            Enumerable.Range(257, 43).Select(i => i % 2 == 0 ? "tools/call echo ok" : "tools/call echo http_error"),
            _tracked.Summary.Skip(256)
        );
    }
}
