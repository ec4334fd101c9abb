using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Tcp;

/// <summary>
/// Ports that are used again, old copies, and segments that no one of the two ends sent: one connection is never taken
/// for another.
/// </summary>
public class PortReuseTests
{
    private readonly Recorder _recorder = new(worth: Worth.Calls);
    private readonly Wire _wire = new(clientStart: 10_000_000, serverStart: 20_000_000);

    [Fact]
    public void A_connection_whose_number_lies_a_little_below_the_old_one_is_another()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("one").FromServer("1").Log);
        Wire again = new(clientStart: 9_999_000, serverStart: 19_000_000);
        _recorder.Feed(again, again.Open().Log);

        Assert.True(_recorder.Sinks[0].Closed); // told when both SYNs agree, not when data follows

        again.Log.Clear();
        _recorder.Feed(again, again.FromClient("two").FromServer("2").Log);
        Assert.Equal(["one", "two"], _recorder.Sinks.Select(sink => sink.FromClient));
        Assert.Equal(["1", "2"], _recorder.Sinks.Select(sink => sink.FromServer));
        Assert.Equal(0, _recorder.Table.Counters.Gaps);
    }

    [Fact]
    public void A_connection_of_which_one_direction_was_captured_gives_way_to_the_next_at_its_data()
    {
        foreach (uint start in new[] { 10_000_000u, 9_999_000u })
        {
            Wire wire = new(clientStart: start);
            _recorder.Feed(wire, wire.Open().FromClient("asks").Log.Where(sent => sent.FromClient));
        }

        Assert.Equal(["asks", "asks"], _recorder.Sinks.Select(sink => sink.FromClient));
        Assert.Equal([true, false], _recorder.Sinks.Select(sink => sink.Closed));
    }

    [Theory]
    [InlineData(TcpFlags.Syn, 0)] // its own, again
    [InlineData(TcpFlags.Syn, 123)]
    [InlineData(TcpFlags.Syn, 1 << 30)]
    [InlineData(TcpFlags.Rst, 1 << 30)]
    [InlineData(TcpFlags.Rst, 100 << 10 << 10)]
    [InlineData(TcpFlags.Rst, -200_000)]
    [InlineData(TcpFlags.Fin | TcpFlags.Ack, 1 << 30)]
    [InlineData(TcpFlags.Fin | TcpFlags.Ack, -3)]
    [InlineData(TcpFlags.Ack, 1 << 30)]
    [InlineData(TcpFlags.Ack, -(1 << 30))]
    public void One_segment_from_anyone_ends_no_connection(TcpFlags flags, int away)
    {
        _wire.Open().FromClient("request");
        byte[] payload = flags == TcpFlags.Ack ? "START forged"u8.ToArray() : [];
        _recorder
            .Feed(_wire, _wire.Log)
            .Feed(
                _wire,
                [
                    _wire.Log[0] with
                    {
                        Sequence = _wire.Log[0].Sequence + (uint)away,
                        Flags = flags,
                        Payload = payload,
                        Length = payload.Length,
                        Acknowledgment = 20_000_001,
                    },
                ]
            );
        _recorder.Table.Tick(_recorder.Now += 1000 * Recorder.Millisecond);

        RecordingSink sink = Assert.Single(_recorder.Sinks);
        Assert.Equal((false, 0), (sink.Closed, sink.Ends));
        _wire.Log.Clear();
        _recorder.Feed(_wire, _wire.FromServer("answer").FromClient("more").Log);
        Assert.Equal(("requestmore", "answer", 0), (sink.FromClient, sink.FromServer, _recorder.Table.Counters.Gaps));
    }

    [Fact]
    public void An_acknowledgment_of_what_was_never_sent_makes_no_gap()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("request").Log);
        _recorder.Feed(
            _wire,
            [
                _wire.Log[^1] with
                {
                    Sequence = _wire.Log[^1].Sequence + 7,
                    Acknowledgment = 0x8000_0000,
                    Payload = "!"u8.ToArray(),
                    Length = 1,
                },
            ]
        );
        _recorder.Table.Tick(_recorder.Now += 1000 * Recorder.Millisecond);
        Assert.Equal((0, 1), (_recorder.Table.Counters.Gaps, _recorder.Table.Counters.Strays));
    }

    [Fact]
    public void Ports_taken_again_unseen_while_a_call_was_open_are_noticed_when_the_other_side_answers()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("one").Log);
        Wire again = new(clientStart: 900_000_000, serverStart: 5);
        again.FromClient("START two").FromServer("2");
        _recorder.Feed(again, again.Log.Take(1));
        Assert.False(Assert.Single(_recorder.Sinks).Closed);

        _recorder.Feed(again, again.Log.Skip(1));
        Assert.Equal(["one", "START two"], _recorder.Sinks.Select(sink => sink.FromClient));
        Assert.Equal(["", "2"], _recorder.Sinks.Select(sink => sink.FromServer));
    }

    [Fact]
    public void Ports_taken_again_unseen_are_noticed_in_one_direction_too()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("one").Log);
        Wire again = new(clientStart: 900_000_000, serverStart: 5);
        _recorder.Feed(again, again.FromClient("START two and more", split: 6).Log);
        Assert.Equal(["one", "START two and more"], _recorder.Sinks.Select(sink => sink.FromClient));
        _recorder.Table.Flush(_recorder.Now);
        Assert.Equal(0, _recorder.Budget.Used);
    }

    [Fact]
    public void Old_copies_open_no_connection_whose_ports_are_free_again()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("START once").FromServer("1").Close().Log);
        Assert.Equal(0, _recorder.Table.Count);

        _recorder.Feed(_wire, _wire.Log);
        Assert.Equal((0, 1), (_recorder.Table.Count, _recorder.Sinks.Count));

        Wire again = new(clientStart: 9_999_999, serverStart: 20_000_001); // within the old one's numbers
        _recorder.Feed(again, again.Open().FromClient("START twice").Log);
        Assert.Equal(["START once", "START twice"], _recorder.Sinks.Select(sink => sink.FromClient));
    }

    [Fact]
    public void What_was_under_way_to_a_side_that_reset_the_connection_opens_none()
    {
        _wire.Open().FromClient("START").FromServer("1");
        _recorder.Feed(_wire, _wire.Log);
        _recorder.Feed(
            _wire,
            [_wire.Log[2] with { Sequence = _wire.Log[2].Sequence + 5, Flags = TcpFlags.Rst, Payload = [], Length = 0 }]
        );
        _wire.Log.Clear();
        _recorder.Feed(_wire, _wire.FromServer("START still").Log);
        Assert.Equal(("1", 0), (Assert.Single(_recorder.Sinks).FromServer, _recorder.Table.Count));
    }
}
