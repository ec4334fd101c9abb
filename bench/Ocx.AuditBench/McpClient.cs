using System.Net;
using System.Net.Sockets;

namespace Ocx.AuditBench;

/// <summary>Calls a tool on one kept connection, and waits for each answer.</summary>
internal sealed class McpClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
    };
    private readonly byte[] _buffer = new byte[64 << 10];
    private readonly int _port;

    public McpClient(int port)
    {
        _port = port;
        _socket.Connect(IPAddress.Loopback, port);
    }

    public void Call(string arguments)
    {
        _socket.Send(McpText.Request(_port, arguments));
        int length = 0;
        while (length < McpText.Answer.Length)
        {
            int read = _socket.Receive(_buffer);
            length += read > 0 ? read : throw new IOException("the server is gone");
        }
    }

    public void Dispose() => _socket.Dispose();
}
