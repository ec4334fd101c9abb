using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Tcp;

public class ReassemblyTests
{
    private readonly Wire _wire = new();
    private readonly Recorder _recorder = new();

    [Fact]
    public void Bytes_come_out_as_they_were_sent()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("hello").FromServer("world").Close().Log);

        Assert.Equal(["hello", "world"], [_recorder.Sink.FromClient, _recorder.Sink.FromServer]);
        Assert.Equal(2, _recorder.Sink.Ends);
        Assert.True(_recorder.Sink.Closed);
    }

    [Fact]
    public void Sequence_numbers_wrap()
    {
        Wire wire = new(clientStart: uint.MaxValue - 5);
        _recorder.Feed(wire, wire.Open().FromClient("0123456789abcdef", split: 3).Close().Log);
        Assert.Equal("0123456789abcdef", _recorder.Sink.FromClient);
    }

    [Fact]
    public void A_segment_of_64_KiB_and_more_passes_whole()
    {
        _recorder.Feed(_wire, _wire.Open().Send(true, new byte[200_000]).Log);
        Assert.Equal(200_000, _recorder.Sink.FromClient.Length);
    }

    [Fact]
    public void Keep_alives_and_zero_window_probes_bring_nothing_twice()
    {
        _wire.Open().FromClient("abc");
        Sent last = _wire.Log[^1];
        // A keep-alive: the last byte again.
        _wire.Log.Add(last with { Sequence = last.Sequence + 2, Payload = [(byte)'!'], Length = 1 });
        // A probe: the next byte.
        _wire.Log.Add(last with { Sequence = last.Sequence + 3, Payload = "d"u8.ToArray(), Length = 1 });
        _wire.Log.Add(last with { Sequence = last.Sequence + 3, Payload = "def"u8.ToArray(), Length = 3 });
        Assert.Equal("abcdef", _recorder.Feed(_wire, _wire.Log).Sink.FromClient);
    }

    [Fact]
    public void A_response_never_overtakes_its_request()
    {
        _wire.Open().FromClient("request", split: 3).FromServer("response");
        List<Sent> log = _wire.Log;
        _recorder.Feed(_wire, [log[0], log[1], log[5], log[4], log[3], log[2]]);
        Assert.Equal([">req", ">ues", ">t", "<response"], _recorder.Sink.Order);
    }

    [Fact]
    public void A_response_does_not_overtake_the_last_byte_of_its_request()
    {
        _wire.Open().FromClient("request").FromClient("!").FromServer("response");
        List<Sent> log = _wire.Log;
        _recorder.Feed(_wire, [log[0], log[1], log[2], log[4], log[3]]);
        Assert.Equal([">request", ">!", "<response"], _recorder.Sink.Order);
    }

    [Fact]
    public void A_half_closed_connection_whose_FIN_was_not_seen_goes_on()
    {
        _wire.Open().FromClient("request").Unseen(true, 1).FromServer("response");
        _recorder.Feed(_wire, _wire.Log);
        _recorder.Table.Tick(_recorder.Now += 101 * Recorder.Millisecond);
        Assert.Equal(["request", "response"], [_recorder.Sink.FromClient, _recorder.Sink.FromServer]);
    }

    [Fact]
    public void A_hole_that_nobody_acknowledged_is_waited_for_and_then_a_gap()
    {
        _wire.Open().FromClient("ab").Unseen(true, 3).FromClient("fg");
        _recorder.Feed(_wire, _wire.Log);
        Assert.Equal("ab", _recorder.Sink.FromClient);

        _recorder.Table.Tick(_recorder.Now += 11_000 * Recorder.Millisecond);
        Assert.Equal("ab{3}fg", _recorder.Sink.FromClient);
        Assert.Equal((1, 3), (_recorder.Table.Counters.Gaps, _recorder.Table.Counters.GapBytes));
    }

    [Fact]
    public void A_hole_that_the_receiver_acknowledged_is_a_gap_at_once()
    {
        _wire.Open().FromClient("ab").Unseen(true, 3).FromClient("fg").FromServer("ok");
        _recorder.Feed(_wire, _wire.Log);
        _recorder.Table.Tick(_recorder.Now += 101 * Recorder.Millisecond);
        Assert.Equal(["ab{3}fg", "ok"], [_recorder.Sink.FromClient, _recorder.Sink.FromServer]);
    }

    [Fact]
    public void A_request_that_the_tap_missed_altogether_is_a_gap_before_its_response()
    {
        _wire.Open().FromClient("first").FromServer("one").Unseen(true, 6).FromServer("two");
        _recorder.Feed(_wire, _wire.Log);
        _recorder.Table.Tick(_recorder.Now += 101 * Recorder.Millisecond);
        Assert.Equal(["first{6}", "onetwo"], [_recorder.Sink.FromClient, _recorder.Sink.FromServer]);
    }

    [Fact]
    public void What_the_snap_length_cut_is_a_gap()
    {
        _wire.Open().FromClient("abcdef").FromClient("gh");
        _wire.Log[2] = _wire.Log[2] with { Payload = "abc"u8.ToArray() };
        Assert.Equal("abc{3}gh", _recorder.Feed(_wire, _wire.Log).Sink.FromClient);
    }

    [Fact]
    public void A_connection_joined_midway_starts_at_the_first_message_and_waits_for_one_that_was_overtaken()
    {
        _wire.FromClient("START").FromClient("-body");
        _recorder.Feed(_wire, [_wire.Log[1], _wire.Log[0]]);
        Assert.Equal("START-body", _recorder.Sink.FromClient);
    }

    [Fact]
    public void A_connection_joined_in_the_middle_of_a_message_is_followed_after_the_grace()
    {
        _recorder.Feed(_wire, _wire.FromClient("tail").Log);
        _recorder.Table.Tick(_recorder.Now += 101 * Recorder.Millisecond);
        Assert.Equal("tail", _recorder.Sink.FromClient);
    }

    [Fact]
    public void A_reset_delivers_what_was_held_and_closes()
    {
        _wire.Open().FromClient("ab").Unseen(true, 1).FromClient("d");
        _wire.Log.Add(_wire.Log[^1] with { Flags = TcpFlags.Rst, Payload = [], Length = 0 });
        _recorder.Feed(_wire, _wire.Log);
        Assert.Equal("ab{1}d", _recorder.Sink.FromClient);
        Assert.True(_recorder.Sink.Closed);
        _recorder.Table.Flush(_recorder.Now);
        Assert.Equal(0, _recorder.Budget.Used);
    }

    [Fact]
    public void Late_duplicates_do_not_open_a_closed_connection_again()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("once").Close().Log).Feed(_wire, _wire.Log);
        Assert.Equal("once", Assert.Single(_recorder.Sinks).FromClient);
    }

    [Fact]
    public void The_same_ports_used_again_are_another_connection()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("one").Log);
        Wire again = new(clientStart: 900_000_000, serverStart: 5);
        _recorder.Feed(again, again.Open().FromClient("two").Log);
        Assert.Equal(["one", "two"], _recorder.Sinks.Select(sink => sink.FromClient));
    }

    [Fact]
    public void The_same_ports_used_again_are_noticed_without_their_SYN()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("one").Log);
        Wire again = new(clientStart: 900_000_000, serverStart: 5);
        _recorder.Feed(again, again.FromClient("START two").Log);
        Assert.Equal(["one", "START two"], _recorder.Sinks.Select(sink => sink.FromClient));
    }

    [Fact]
    public void A_SYN_flood_opens_no_connection()
    {
        for (int i = 0; i < 100_000; i++)
        {
            Wire wire = new(1 + (i % 65_000), (uint)i);
            _recorder.Feed(wire, wire.Open().Log.Take(1));
        }

        Assert.Equal((0, 100_000), (_recorder.Table.Count, _recorder.Table.Counters.Syns));
    }

    [Fact]
    public void Flows_beyond_the_bound_shed_the_quietest_and_count_it()
    {
        Recorder recorder = new(new() { MaxConnections = 1000 }, worth: Worth.Calls);
        for (int i = 0; i < 3000; i++)
        {
            Wire wire = new(1 + i);
            recorder.Feed(wire, wire.FromClient("START").Log);
        }

        Assert.Equal((1000, 2000), (recorder.Table.Count, recorder.Table.Counters.ShedConnections));
    }

    [Fact]
    public void Held_bytes_never_pass_the_budget_and_come_back_to_it()
    {
        Recorder recorder = new(budget: 400_000);
        for (int i = 0; i < 100; i++)
        {
            Wire wire = new(1000 + i);
            recorder.Feed(wire, wire.Open().FromClient("x").Unseen(true, 1).Send(true, new byte[5000]).Log);
            Assert.InRange(recorder.Budget.Used, 0, 400_000);
        }

        recorder.Table.Flush(recorder.Now);
        Assert.Equal(0, recorder.Budget.Used);
        Assert.Equal(100, recorder.Table.Counters.Gaps + recorder.Table.Counters.ShedConnections);
    }

    [Fact]
    public void An_idle_connection_is_forgotten()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("x").Log);
        _recorder.Table.Tick(_recorder.Now + (31 * 60_000 * Recorder.Millisecond));
        Assert.Equal((0, 1), (_recorder.Table.Count, _recorder.Table.Counters.IdleConnections));
    }
}
