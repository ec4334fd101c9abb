using System.Globalization;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>When a call is told of: its request is complete, its answer begins, it is over; by one key.</summary>
public sealed class MomentTests : IMcpSink
{
    private const long Step = 1000;

    private readonly McpTracker _tracker;
    private readonly CallKeys _keys = new();
    private readonly List<(string Moment, string Key, long At)> _told = [];
    private long _now = 1_700_000_000_000_000_000;

    public MomentTests() => _tracker = new(new McpOptions { CallKeys = _keys }, this);

    private string[] Moments => [.. _told.Select(told => told.Moment)];

    [Fact]
    public void A_call_is_told_of_three_times_by_one_key()
    {
        Feed(new Wire().Open().FromClient(Peer.Post(Peer.Call(1))).FromServer(Peer.Ok(Peer.Result(1))));
        Assert.Equal(["opened", "answering", "over ok"], Moments);
        Assert.Equal(_keys.Instance + "0000000000000001", Assert.Single(_told.Select(told => told.Key).Distinct()));
    }

    [Fact]
    public void The_answer_begins_with_the_first_byte_of_its_response_before_its_body_has_come()
    {
        string answer = Peer.Ok(Peer.Result(1));
        int body = answer.IndexOf('{');
        var wire = new Wire().Open().FromClient(Peer.Post(Peer.Call(1)));
        wire.FromServer(answer[..10]).FromServer(answer[10..body]);
        Feed(wire);
        Assert.Equal(["opened", "answering"], Moments);
        Assert.Equal(_now - Step, _told[1].At); // the first of the two segments of the head

        wire.Log.Clear();
        Feed(wire.FromServer(answer[body..]));
        Assert.Equal(["opened", "answering", "over ok"], Moments);
    }

    [Fact]
    public void A_streams_head_and_other_events_are_not_the_answer()
    {
        var wire = new Wire()
            .Open()
            .FromClient(Peer.Post(Peer.Call(1)))
            .FromServer(Peer.EventStream())
            .FromServer(
                Peer.Event("""{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}""")
            );
        Feed(wire);
        Assert.Equal(["opened"], Moments);

        wire.Log.Clear();
        Feed(wire.FromServer(Peer.Event(Peer.Result(1))));
        Assert.Equal(["opened", "answering", "over ok"], Moments);
        Assert.Equal(_now, _told[1].At);
    }

    [Fact]
    public void An_accepted_call_is_answered_where_its_answer_comes()
    {
        var stream = new Wire(clientPort: 40_001).Open();
        Feed(
            stream
                .FromClient("GET /sse HTTP/1.1\r\nHost: x\r\n\r\n")
                .FromServer(Peer.EventStream())
                .FromServer(Peer.Event("/messages?sessionId=abc", "endpoint"))
        );
        string post = Peer.Post(Peer.Call(1)).Replace("/mcp", "/messages?sessionId=abc", StringComparison.Ordinal);
        Feed(new Wire().Open().FromClient(post).FromServer(Peer.Accepted));
        Assert.Equal(["opened"], Moments);

        stream.Log.Clear();
        Feed(stream.FromServer(Peer.Event(Peer.Result(1))));
        Assert.Equal(["opened", "answering", "over ok"], Moments);
    }

    [Fact]
    public void What_HTTP_refuses_is_answered()
    {
        var refused = Peer.Status("403 Forbidden", "no");
        Feed(new Wire().Open().FromClient(Peer.Post(Peer.Call(1))).FromServer(refused));
        Assert.Equal(["opened", "answering", "over http_error"], Moments);
    }

    [Fact]
    public void An_answer_before_the_end_of_its_request_comes_after_the_opening()
    {
        string request = Peer.Post(Peer.Call(1));
        Feed(
            new Wire()
                .Open()
                .FromClient(request[..^20])
                .FromServer(Peer.Status("413 Content Too Large", "no"))
                .FromClient(request[^20..])
        );
        Assert.Equal(["opened", "answering", "over http_error"], Moments);
    }

    [Fact]
    public void Without_an_answer_none_begins()
    {
        Feed(new Wire().Open().FromClient(Peer.Post(Peer.Call(1))));
        _tracker.Flush(_now);
        Assert.Equal(["opened", "over unpaired"], Moments);
    }

    [Fact]
    public void Lines_and_each_call_of_a_batch_are_told_so_too()
    {
        string lines = Peer.Call(1) + "\n",
            batch = $"[{Peer.Call(2)},{Peer.Call(3)}]",
            answers = $"[{Peer.Result(3)},{Peer.Result(2)}]";
        Feed(new Wire(clientPort: 40_001).Open().FromClient(lines).FromServer(Peer.Result(1) + "\n"));
        Feed(new Wire().Open().FromClient(Peer.Post(batch)).FromServer(Peer.Ok(answers)));
        Assert.All(
            _told.GroupBy(told => told.Key),
            call => Assert.Equal(["opened", "answering", "over ok"], call.Select(told => told.Moment))
        );
        Assert.Equal(3, _told.Select(told => told.Key).Distinct().Count());
    }

    [Fact]
    public void A_call_that_is_given_up_has_its_key()
    {
        var tracker = new McpTracker(new McpOptions { CallKeys = _keys, MaxOpenCalls = 1 }, this);
        var wire = new Wire().Open().FromClient(Peer.Post(Peer.Call(1)));
        foreach (Sent sent in wire.Log)
        {
            tracker.Accept(wire.At(sent, _now += Step));
        }

        wire = new Wire(clientPort: 40_001).Open().FromClient(Peer.Post(Peer.Call(2)));
        foreach (Sent sent in wire.Log)
        {
            tracker.Accept(wire.At(sent, _now += Step));
        }

        tracker.Flush(_now);
        Assert.Equal(1, tracker.Stats.ShedCalls);
        Assert.Equal(2, _told.Select(told => told.Key).Distinct().Count());
        Assert.All(_told, told => Assert.Equal(CallKeys.Length, told.Key.Length));
    }

    [Fact]
    public void A_call_that_was_shed_on_its_opening_is_told_of_by_the_same_key()
    {
        long shed = 0;
        for (int memory = 1000; memory < 20_000; memory += 250)
        {
            _told.Clear();
            var tracker = new McpTracker(new McpOptions { CallKeys = _keys, MaxMemoryBytes = memory }, this);
            var wire = new Wire().Open().FromClient(Peer.Call(1) + "\n");
            foreach (Sent sent in wire.Log)
            {
                tracker.Accept(wire.At(sent, _now += Step));
            }

            shed += tracker.Stats.ShedCalls;
            tracker.Flush(_now);
            Assert.True(Moments is [] or ["opened", "over unpaired"], string.Join(", ", Moments));
            Assert.True(_told.Select(told => told.Key).Distinct().Count() == _told.Count / 2);
        }

        Assert.NotEqual(0, shed);
    }

    [Fact]
    public void Keys_of_two_lives_differ_and_without_the_option_there_are_none()
    {
        Assert.NotEqual(_keys.Instance, new CallKeys().Instance);
        Assert.Equal(16, _keys.Instance.Length);
        Assert.True(ulong.TryParse(_keys.Instance, NumberStyles.AllowHexSpecifier, null, out _));

        var tracked = new Tracked { Look = call => Assert.Empty(call.Key) };
        tracked.Feed(new Wire().Open().FromClient(Peer.Post(Peer.Call(1))).FromServer(Peer.Ok(Peer.Result(1))));
        Assert.False(tracked.Only.TryGetProperty("key", out _));
    }

    void IMcpSink.OnOpened(CallRecord record) => _told.Add(("opened", record.Key, record.StartUnixNs));

    void IMcpSink.OnAnswering(CallRecord record, long unixNs) => _told.Add(("answering", record.Key, unixNs));

    void IMcpSink.OnCall(CallRecord record) =>
        _told.Add(("over " + CallRecordWriter.Name(record.Status), record.Key, record.StartUnixNs + record.DurationNs));

    void IMcpSink.OnUnreadable(in UnreadableConnection connection) { }

    private void Feed(Wire wire)
    {
        foreach (Sent sent in wire.Log)
        {
            _tracker.Accept(wire.At(sent, _now += Step));
        }
    }
}
