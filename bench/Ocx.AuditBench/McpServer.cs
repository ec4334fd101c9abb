using System.Net;
using System.Net.Sockets;

namespace Ocx.AuditBench;

/// <summary>Answers each request that comes on one connection at once, with the same result.</summary>
internal sealed class McpServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public McpServer()
    {
        _listener.Start();
        new Thread(Serve) { IsBackground = true }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private void Serve()
    {
        try
        {
            using Socket connection = _listener.AcceptSocket();
            connection.NoDelay = true;
            byte[] buffer = new byte[64 << 10];
            while (connection.Receive(buffer) > 0)
            {
                // The client waits for each answer, and its requests are short: what comes is one request.
                connection.Send(McpText.Answer);
            }
        }
        catch (SocketException)
        {
            // The measurement is over.
        }
    }
}
