using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Tcp;

/// <summary>
/// Connections that end are let go at once, and what is worth least is given up first when room is short.
/// </summary>
public class ConnectionEndTests
{
    private readonly Wire _wire = new();
    private readonly Recorder _recorder = new();

    [Fact]
    public void A_connection_that_ended_holds_nothing()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("a").FromServer("b").Close().Log);
        Assert.Equal((0, 0L), (_recorder.Table.Count, _recorder.Budget.Used));
        Assert.True(_recorder.Sink.Closed);
    }

    [Fact]
    public void A_FIN_whose_last_bytes_were_lost_ends_its_side_with_a_gap()
    {
        _recorder.Feed(_wire, _wire.Open().FromClient("ab").Unseen(true, 3).Close().Log);
        _recorder.Table.Tick(_recorder.Now += 101 * Recorder.Millisecond);
        Assert.Equal("ab{3}", _recorder.Sink.FromClient);
        Assert.Equal((true, 0), (_recorder.Sink.Closed, _recorder.Table.Count));
    }

    [Fact]
    public void A_FIN_that_overtook_its_last_bytes_waits_for_them()
    {
        _wire.Open().FromClient("ab").FromClient("cd").Close();
        List<Sent> log = _wire.Log;
        _recorder.Feed(_wire, [log[0], log[1], log[2], log[4], log[3], log[5]]);
        Assert.Equal(
            ("abcd", true, 0),
            (_recorder.Sink.FromClient, _recorder.Sink.Closed, _recorder.Table.Counters.Gaps)
        );
    }

    [Fact]
    public void Bytes_that_were_acknowledged_and_never_seen_are_a_gap_at_the_end()
    {
        _wire.Open().FromClient("asks").Unseen(false, 10);
        _wire.Log.Add(
            new(true, _wire.Log[^1].Sequence + 4, _wire.Log[^1].Acknowledgment + 10, TcpFlags.Rst | TcpFlags.Ack, [], 0)
        );
        _recorder.Feed(_wire, _wire.Log);
        Assert.Equal(("asks", "{10}"), (_recorder.Sink.FromClient, _recorder.Sink.FromServer));
    }

    [Fact]
    public void What_holds_nothing_makes_room_first_and_what_carries_calls_last()
    {
        Recorder recorder = new(new() { MaxConnections = 3 });
        foreach ((int port, Worth worth) in new[] { (1, Worth.Calls), (2, Worth.Bytes), (3, Worth.Nothing) })
        {
            Wire wire = new(port);
            recorder.Feed(wire, wire.FromClient("START").Log);
            recorder.Sink.Worth = worth;
            wire.Log.Clear();
            recorder.Feed(wire, wire.FromClient(".").Log);
        }

        List<int> closed = [];
        for (int port = 4; port < 7; port++)
        {
            Wire wire = new(port);
            recorder.Feed(wire, wire.FromClient("START").Log);
            recorder.Sink.Worth = Worth.Calls;
            wire.Log.Clear();
            recorder.Feed(wire, wire.FromClient(".").Log);
            closed.Add(recorder.Sinks.FindIndex(sink => sink.Closed && !closed.Contains(recorder.Sinks.IndexOf(sink))));
        }

        Assert.Equal([2, 1, 0], closed);
        Assert.Equal((1, 2), (recorder.Table.Counters.IdleConnections, recorder.Table.Counters.ShedConnections));
    }

    [Fact]
    public void A_connection_that_gave_way_is_joined_again_without_a_gap()
    {
        Recorder recorder = new(new() { MaxConnections = 1 });
        Wire other = new(40001);
        recorder.Feed(_wire, _wire.Open().FromClient("START one").FromServer("START 1").Log);
        recorder.Feed(other, other.Open().FromClient("START other").Log);
        _wire.Log.Clear();
        recorder.Feed(_wire, _wire.FromClient("START two").FromServer("2").Log);
        Assert.Equal(["START one", "START other", "START two"], recorder.Sinks.Select(sink => sink.FromClient));
        Assert.Equal(
            ("2", 0, 0),
            (recorder.Sink.FromServer, recorder.Table.Counters.Gaps, recorder.Table.Counters.ShedConnections)
        );
    }
}
