using System.Text;
using Ocx.Mcp.Tcp;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>How a connection of a generated capture ends.</summary>
public enum Ending
{
    /// <summary>The capture is over before it does.</summary>
    Open,

    /// <summary>The server sends no more.</summary>
    ByServer,

    /// <summary>The client sends no more.</summary>
    ByClient,

    /// <summary>The server resets it behind its last byte.</summary>
    ByReset,
}

/// <summary>
/// What the two ends of one connection say in turn; each way of cutting it into segments is a capture.
/// </summary>
public sealed class Dialogue
{
    private readonly List<(bool Client, byte[] Bytes)> _said = [];

    /// <summary>Bytes a segment: one, few, a link's, all that a turn has.</summary>
    public static IReadOnlyList<int> Splits { get; } = [1, 3, 16, 1400, int.MaxValue];

    public Dialogue Client(byte[] bytes) => Say(true, bytes);

    public Dialogue Client(string text) => Say(true, Encoding.UTF8.GetBytes(text));

    public Dialogue Server(byte[] bytes) => Say(false, bytes);

    public Dialogue Server(string text) => Say(false, Encoding.UTF8.GetBytes(text));

    /// <summary>
    /// A client that does not wait: all of its turns come first, and then all of the server's.
    /// </summary>
    public Dialogue Pipelined() =>
        new Dialogue().Add(_said.Where(turn => turn.Client)).Add(_said.Where(turn => !turn.Client));

    /// <summary>The same with what each end says in one turn.</summary>
    public Dialogue InOnePiece() => new Dialogue().Client(Whole(client: true)).Server(Whole(client: false));

    /// <summary>The segments of all that was said.</summary>
    public Wire ToWire(int split, Ending ending = Ending.ByClient, Wire? wire = null, bool opened = true)
    {
        wire ??= new Wire();
        wire = opened ? wire.Open() : wire;
        foreach ((bool client, byte[] bytes) in _said)
        {
            wire.Send(client, bytes, split);
        }

        switch (ending)
        {
            case Ending.ByServer or Ending.ByClient:
                wire.Close(byClient: ending == Ending.ByClient);
                break;
            case Ending.ByReset:
                Sent last = wire.Log.FindLast(sent => !sent.FromClient)!;
                wire.Log.Add(
                    last with
                    {
                        Sequence = last.Sequence + (uint)last.Length,
                        Flags = TcpFlags.Rst | TcpFlags.Ack,
                        Payload = [],
                        Length = 0,
                    }
                );
                break;
        }

        return wire;
    }

    /// <summary>What the tap tells of it, cut in each way; all must be the same.</summary>
    public void IsTold(string[] expected, Ending ending = Ending.ByClient, bool opened = true)
    {
        foreach (int split in Splits)
        {
            Tracked tracked = new();
            tracked.Feed(ToWire(split, ending, opened: opened)).Flush();
            Telling.Is($"{split} bytes a segment, {ending}", expected, tracked);
        }
    }

    private byte[] Whole(bool client) => [.. _said.Where(turn => turn.Client == client).SelectMany(turn => turn.Bytes)];

    private Dialogue Add(IEnumerable<(bool, byte[])> said)
    {
        _said.AddRange(said);
        return this;
    }

    private Dialogue Say(bool client, byte[] bytes)
    {
        _said.Add((client, bytes));
        return this;
    }
}
