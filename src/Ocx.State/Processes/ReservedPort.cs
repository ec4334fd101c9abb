using System.Net;
using System.Net.Sockets;

namespace Ocx.State.Processes;

/// <summary>
/// A port that nobody else is given as long as this lives: a socket is bound to it that does not listen, and so lets
/// the clone's own process, which sets SO_REUSEADDR as servers do, bind and listen.
/// </summary>
internal sealed class ReservedPort : IDisposable
{
    private readonly Socket _socket;

    /// <summary>Reserves a free port of an address of this machine.</summary>
    public ReservedPort(IPAddress address)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _socket.Bind(new IPEndPoint(address, 0));
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
