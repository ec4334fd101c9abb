using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>What an attacker may send costs bounded memory, is counted, and harms no other call.</summary>
public class HostileTests
{
    private readonly Tracked _tracked = new();

    [Fact]
    public void JSON_nested_100000_deep_is_counted_and_left()
    {
        foreach (
            string nested in new[] { new string('[', 100_000), string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) }
        )
        {
            string body =
                $$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"n","arguments":{{nested}}""";
            var wire = new Wire(40000 + nested.Length % 1000 + (nested[0] == '[' ? 0 : 1));
            _tracked.Feed(wire.Open().FromClient(Peer.Post(body)).FromServer(Peer.Ok("{}")));
        }

        Assert.Empty(_tracked.Flush().Json);
        Assert.Equal(2, _tracked.Tracker.Stats.TooDeepJson);
    }

    [Fact]
    public void A_body_of_1_GiB_holds_no_more_than_the_message_bound_and_the_call_is_still_found()
    {
        const int Piece = 1 << 20;
        var wire = new Wire().Open();
        byte[] start = Encoding.UTF8.GetBytes(
            """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"big","arguments":{"data":" """
        );
        byte[] end = "\"}}}"u8.ToArray();
        long length = start.Length + (1024L * Piece) + end.Length;
        wire.FromClient($"POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n")
            .Send(true, start);
        _tracked.Feed(wire);
        byte[] filler = new byte[Piece];
        Array.Fill(filler, (byte)'x');
        long highest = 0;
        for (int i = 0; i < 1024; i++)
        {
            wire.Log.Clear();
            _tracked.Feed(wire.Send(true, filler));
            highest = Math.Max(highest, _tracked.Tracker.Stats.HeldBytes);
        }

        wire.Log.Clear();
        _tracked.Feed(wire.Send(true, end).FromServer(Peer.Ok(Peer.Result(1)))).Flush();
        Assert.InRange(highest, 1, 4 << 20);
        Assert.Equal(["tools/call big ok"], _tracked.Summary);
        Assert.Contains("\"completeness\":\"truncated\"", _tracked.Json[0], StringComparison.Ordinal);
        Assert.Equal(1, _tracked.Tracker.Stats.Oversize);
    }

    [Fact]
    public void A_flood_of_a_million_SYNs_holds_no_memory_and_is_counted()
    {
        const int Flood = 1_000_000;
        var wire = new Wire().Open();
        _tracked.Feed(wire.FromClient(Peer.Post(Peer.Call(1, "before"))));
        long heap = 0;
        for (int i = 0; i < Flood; i++)
        {
            heap = i == Flood / 2 ? GC.GetAllocatedBytesForCurrentThread() : heap;
            _tracked.Tracker.Accept(
                new TcpSegment
                {
                    TimestampUnixNs = ++_tracked.Now,
                    Source = IpEndpoint.From([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i], 1024),
                    Destination = Wire.Server,
                    Sequence = (uint)i,
                    Flags = TcpFlags.Syn,
                    Length = 0,
                    Payload = [],
                }
            );
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - heap, 0, 1 << 16);
        McpStats stats = _tracked.Tracker.Stats;
        Assert.Equal((Flood + 2, 1L, 0L), (stats.Syns, stats.OpenConnections, stats.ShedConnections));
        wire.Log.Clear();
        _tracked.Feed(wire.FromServer(Peer.Ok(Peer.Result(1)))).Flush();
        Assert.Equal(["tools/call before ok"], _tracked.Summary);
    }

    [Fact]
    public void A_hundred_thousand_half_open_flows_stay_within_the_budget()
    {
        for (int i = 0; i < 100_000; i++)
        {
            _tracked.Tracker.Accept(
                new TcpSegment
                {
                    TimestampUnixNs = _tracked.Now + i,
                    Source = IpEndpoint.From([10, 1, (byte)(i >> 8), (byte)i], (ushort)(1024 + (i >> 16))),
                    Destination = Wire.Server,
                    Sequence = (uint)i,
                    Length = 30,
                    Payload = "POST /mcp HTTP/1.1\r\nX-Slow: aaa"u8[..30],
                }
            );
        }

        McpStats stats = _tracked.Tracker.Stats;
        Assert.InRange(stats.HeldBytes, 1, 64 << 20);
        Assert.Equal(100_000, stats.OpenConnections + stats.ShedConnections);
        _tracked.Flush();
    }

    [Fact]
    public void Heads_and_lines_without_an_end_are_given_up()
    {
        Wire heads = new(),
            lines = new(40001);
        _tracked.Feed(heads.Open().FromClient("POST / HTTP/1.1\r\n" + new string('a', 100_000)));
        _tracked.Feed(lines.Open().FromClient("{\"a\":\"" + new string('a', 2 << 20)));
        Assert.Equal((1, 1), (_tracked.Tracker.Stats.HttpLost, _tracked.Tracker.Stats.Oversize));
        _tracked.Flush();
    }

    [Fact]
    public void Calls_without_an_answer_are_bounded_and_counted()
    {
        Tracked tracked = new(new McpOptions { MaxOpenCalls = 100 });
        var wire = new Wire().Open();
        for (int i = 0; i < 250; i++)
        {
            wire.FromClient(Peer.Call(i) + "\n");
        }

        Assert.Equal(150, tracked.Feed(wire).Json.Count);
        Assert.Equal(150, tracked.Tracker.Stats.ShedCalls);
        tracked.Flush();
    }

    [Fact]
    public void Bytes_changed_at_random_never_throw_and_all_memory_comes_back() =>
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    var random = new Random(seed);
                    var wire = new Wire()
                        .Open()
                        .FromClient(
                            Peer.Post(
                                $"[{Peer.Call(1, "a", """{"password":"x\u0041"}""")},{Peer.Call(2)}]",
                                "Mcp-Session-Id: s\r\n"
                            ),
                            50
                        )
                        .FromServer(
                            Peer.EventStream()
                                + Peer.Event(Peer.Result(1))
                                + Peer.Event(Peer.Result(2))
                                + Peer.LastChunk,
                            40
                        )
                        .FromClient(Peer.Post(Peer.Call(3)))
                        .FromServer(Peer.Ok(Peer.Result(3)), 30)
                        .Close();
                    foreach (Sent sent in wire.Log.Where(sent => sent.Length > 0 && random.Next(3) == 0))
                    {
                        sent.Payload[random.Next(sent.Length)] = (byte)random.Next(256);
                    }

                    Tracked tracked = new();
                    tracked.Feed(wire, wire.Log.Where(_ => random.Next(10) != 0), stepNs: random.Next(100_000_000));
                    tracked.Flush();
                    return tracked.Json.Count <= 10;
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
}
