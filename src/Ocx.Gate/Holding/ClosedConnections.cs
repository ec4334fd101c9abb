using Ocx.Gate.Packets;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Holding;

/// <summary>
/// The connections that both ends have closed not long ago. A late copy of one of their packets is not the beginning of
/// anything; TCP itself remembers them for the same reason (RFC 9293, 3.6.1).
/// </summary>
internal sealed class ClosedConnections
{
    // About 100 bytes each.
    private const int Remembered = 1024;

    private readonly Dictionary<(IpEndpoint Client, IpEndpoint Server), uint> _ends = new(Remembered);
    private readonly Queue<(IpEndpoint Client, IpEndpoint Server)> _order = new(Remembered);

    /// <summary>Remembers one in the place of the oldest.</summary>
    /// <param name="connection">It.</param>
    public void Add(GateConnection connection)
    {
        (IpEndpoint Client, IpEndpoint Server) key = (connection.Client, connection.Server);
        if (_order.Count == Remembered)
        {
            _ends.Remove(_order.Dequeue());
        }

        _order.Enqueue(key);
        _ends[key] = connection.Calls.At.SequenceOf(connection.Calls.At.End);
    }

    /// <summary>Its ends begin anew.</summary>
    public void Forget(IpEndpoint client, IpEndpoint server) => _ends.Remove((client, server));

    /// <summary>Whether a packet belongs to one of them.</summary>
    /// <param name="client">The client's end.</param>
    /// <param name="server">The server's end.</param>
    /// <param name="isCall">The client has sent it.</param>
    /// <param name="tcp">The packet.</param>
    /// <param name="passes">
    /// It may go on: it brings nothing, or what the client sends again, which the server has and throws away. What the
    /// server sends again nobody waits for, and it could be what was withheld.
    /// </param>
    public bool TryFind(IpEndpoint client, IpEndpoint server, bool isCall, in TcpPacket tcp, out bool passes)
    {
        passes = tcp.Payload.IsEmpty;
        if (!_ends.TryGetValue((client, server), out uint end))
        {
            return false;
        }

        int behindTheEnd = unchecked((int)(tcp.Sequence + (uint)tcp.Payload.Length - end));
        passes |= isCall && behindTheEnd <= 0;
        return true;
    }
}
