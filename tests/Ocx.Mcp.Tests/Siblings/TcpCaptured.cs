using Ocx.Mcp.Tcp;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>What the tap sees of a connection's first and last segments.</summary>
[Flags]
public enum Sees
{
    Data = 0,
    Syn = 1,
    Fin = 2,
    Acks = 4,
}

/// <summary>Calls on one connection, and what a tap sees of their segments.</summary>
internal static class TcpCaptured
{
    public static Dialogue Call(int id) =>
        new Dialogue().Client(Peer.Post(Peer.Call(id, $"c{id}"))).Server(Peer.Ok(Peer.Result(id)));

    public static Dialogue Three(int size = 300)
    {
        Dialogue all = new();
        for (int i = 0; i < 3; i++)
        {
            string filler = new('f', size);
            all.Client(Peer.Post(Peer.Call(i, $"c{i}", $$"""{"x":"{{filler}}"}""")))
                .Server(Peer.Ok(Peer.Result(i, $$"""{"x":"{{filler}}"}""")));
        }

        return all;
    }

    public static void Feed(Tracked tracked, Wire wire, Sees sees, IEnumerable<Sent>? log = null)
    {
        foreach (Sent sent in log ?? wire.Log)
        {
            bool syn = sent.Flags.HasFlag(TcpFlags.Syn),
                fin = sent.Flags.HasFlag(TcpFlags.Fin),
                only = !syn && !fin && sent.Length == 0;
            if (
                (syn && !sees.HasFlag(Sees.Syn))
                || (fin && !sees.HasFlag(Sees.Fin))
                || (only && !sees.HasFlag(Sees.Acks))
            )
            {
                continue;
            }

            tracked.Tracker.Accept(wire.At(sent, tracked.Now += 1_000_000));
            if (sees.HasFlag(Sees.Acks) && sent.Length > 0)
            {
                Sent ack = new(
                    !sent.FromClient,
                    sent.Acknowledgment,
                    sent.Sequence + (uint)sent.Length,
                    TcpFlags.Ack,
                    [],
                    0
                );
                tracked.Tracker.Accept(wire.At(ack, tracked.Now += 1000));
            }
        }
    }
}
