using Ocx.Mcp.Tcp;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>Captures of one direction alone.</summary>
public sealed class OneSidedSiblingTests
{
    public static TheoryData<Sees, bool> OneSided =>
        new MatrixTheoryData<Sees, bool>(
            [Sees.Data, Sees.Acks, Sees.Syn, Sees.Syn | Sees.Acks, Sees.Syn | Sees.Fin],
            [true, false]
        );

    [Theory]
    [MemberData(nameof(OneSided))]
    public void Of_requests_alone_the_answers_are_a_gap(Sees sees, bool handshake)
    {
        foreach (int split in new[] { 60, int.MaxValue })
        {
            foreach (int count in new[] { 1, 3, 300 })
            {
                // Nothing shows that the server, which was seen to accept, answered the last one.
                string last = handshake && sees == Sees.Syn ? "a unpaired" : "a unpaired gap";
                Dialogue dialogue = new();
                for (int i = 0; i < count; i++)
                {
                    dialogue.Client(Peer.Post(Peer.Call(i, "a"))).Server(Peer.Ok(Peer.Result(i)));
                }

                Wire wire = dialogue.ToWire(split);
                Tracked tracked = new();
                foreach (Sent sent in wire.Log)
                {
                    bool shown = sent.FromClient || (handshake && sent.Flags.HasFlag(TcpFlags.Syn));
                    if (shown)
                    {
                        TcpCaptured.Feed(tracked, wire, sees & ~Sees.Acks, [sent]);
                    }
                    else if (sees.HasFlag(Sees.Acks) && sent.Length > 0)
                    {
                        TcpCaptured.Feed(
                            tracked,
                            wire,
                            Sees.Acks,
                            [new(true, sent.Acknowledgment, sent.Sequence + (uint)sent.Length, TcpFlags.Ack, [], 0)]
                        );
                    }

                    tracked.Tracker.Tick(tracked.Now += 200_000_000);
                }

                tracked.Flush();
                string expected = string.Join("; ", Enumerable.Repeat("a unpaired gap", count - 1).Append(last));
                Assert.Equal($"{split} {count}: {expected}", $"{split} {count}: {Telling.Of(tracked)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(OneSided))]
    public void Of_answers_alone_nothing_is_made_up(Sees sees, bool handshake)
    {
        Wire wire = TcpCaptured.Three().ToWire(100);
        Tracked tracked = new();
        TcpCaptured.Feed(
            tracked,
            wire,
            sees,
            wire.Log.Where(sent => !sent.FromClient || (handshake && sent.Flags.HasFlag(TcpFlags.Syn)))
        );
        tracked.Flush();
        Assert.Equal("", Telling.Of(tracked));
        Assert.Equal(3, tracked.Tracker.Stats.Orphans);
    }
}
