using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>
/// Clients that open a connection for each call, 2,000 of them a second, for as long as one likes: every call complete,
/// nothing shed, memory flat. The segments are those that the filter passes: with payload, or with SYN, FIN or RST.
/// </summary>
public class SteadyStateTests
{
    private const int PerSecond = 2000;
    private const int AtOnce = 100; // each call takes 50 ms
    private const long Second = 1_000_000_000;
    private const long DefaultMemory = 64 << 20,
        LittleMemory = 4 << 20;

    /// <summary>How a connection ends.</summary>
    public enum Ending
    {
        ClientFirst,
        ServerFirst,
        Reset,
        FinOnAnswer,
        Unseen,
        OneFinLost,
    }

    [Theory]
    [InlineData(DefaultMemory, Ending.ClientFirst, 60)]
    [InlineData(LittleMemory, Ending.ClientFirst, 30)]
    [InlineData(LittleMemory, Ending.ServerFirst, 10)]
    [InlineData(LittleMemory, Ending.Reset, 10)]
    [InlineData(LittleMemory, Ending.FinOnAnswer, 10)]
    [InlineData(LittleMemory, Ending.Unseen, 10)]
    [InlineData(DefaultMemory, Ending.Unseen, 30)]
    [InlineData(LittleMemory, Ending.OneFinLost, 10)]
    public void Short_connections_are_told_complete_and_let_go(long memory, Ending ending, int seconds)
    {
        var sink = new Counting();
        var tracker = new McpTracker(new McpOptions { MaxMemoryBytes = memory }, sink);
        var open = new Queue<Wire>();
        (long highest, long now) = (0, 1_700_000_000 * Second);
        for (int i = 0; i < (seconds * PerSecond) + AtOnce; i++)
        {
            if (i < seconds * PerSecond)
            {
                Wire begins = Begin(i);
                open.Enqueue(begins);
                now = Feed(tracker, begins, now);
                highest = Math.Max(highest, tracker.Stats.HeldBytes);
            }

            if (i >= AtOnce)
            {
                Wire ends = open.Dequeue();
                ends.Log.Clear();
                End(ends.FromServer(Peer.Ok(Peer.Result(i - AtOnce))), ending);
                now = Feed(tracker, ends, now);
            }

            now += Second / PerSecond;
            if (i % (PerSecond / 10) == 0)
            {
                tracker.Tick(now);
            }
        }

        McpStats stats = tracker.Stats;
        Assert.Equal((seconds * PerSecond, 0), (sink.Whole, sink.Others));
        Assert.Equal(
            (0, 0, 0, 0, 0),
            (stats.ShedConnections, stats.ShedCalls, stats.ShedPayloads, stats.ShedSegments, stats.Gaps)
        );
        Assert.InRange(highest, 1, memory);
        if (ending is not (Ending.Unseen or Ending.OneFinLost))
        {
            Assert.Equal(0, stats.OpenConnections);
            Assert.InRange(highest, 1, AtOnce * (8 << 10));
        }

        tracker.Flush(now);
        Assert.Equal(0, tracker.Stats.HeldBytes);
    }

    // The ports of eight client addresses come round within four minutes.
    private static Wire Begin(int i)
    {
        var wire = new Wire(1024 + (i % 60_000), (uint)i * 7919, (uint)i * 104_729)
        {
            Client = IpEndpoint.From([10, 0, 1, (byte)(i / 60_000 % 8)], (ushort)(1024 + (i % 60_000))),
        };
        return wire.Open().FromClient(Peer.Post(Peer.Call(i)));
    }

    private static long Feed(McpTracker tracker, Wire wire, long now)
    {
        foreach (Sent sent in wire.Log)
        {
            tracker.Accept(wire.At(sent, now += 10_000));
        }

        return now;
    }

    private static void End(Wire wire, Ending ending)
    {
        switch (ending)
        {
            case Ending.ClientFirst or Ending.ServerFirst:
                wire.Close(byClient: ending == Ending.ClientFirst);
                break;
            case Ending.Reset:
                wire.Close();
                wire.Log[^2] = wire.Log[^2] with { Flags = TcpFlags.Rst | TcpFlags.Ack };
                wire.Log.RemoveAt(wire.Log.Count - 1);
                break;
            case Ending.FinOnAnswer:
                wire.Log[^1] = wire.Log[^1] with { Flags = TcpFlags.Fin | TcpFlags.Ack };
                wire.Unseen(false, 1).Close();
                wire.Log.RemoveAt(wire.Log.Count - 1);
                break;
            case Ending.OneFinLost:
                wire.Close();
                wire.Log.RemoveAt(wire.Log.Count - 1);
                break;
            default:
                break;
        }
    }

    private sealed class Counting : IMcpSink
    {
        public int Whole { get; private set; }

        public int Others { get; private set; }

        public void OnCall(CallRecord record)
        {
            bool whole =
                record is
                {
                    Status: CallStatus.Ok,
                    Completeness: CallCompleteness.Complete,
                    Arguments.IsEmpty: false,
                    Result.IsEmpty: false
                };
            (Whole, Others) = (Whole + (whole ? 1 : 0), Others + (whole ? 0 : 1));
        }

        public void OnUnreadable(in UnreadableConnection connection) => Others++;
    }
}
