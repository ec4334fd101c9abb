using System.Net;
using System.Net.Sockets;
using System.Text;
using Ocx.Netfilter;

namespace Ocx.GateBench.Calls;

/// <summary>A client with one kept connection and one session, which waits for the answer to each call.</summary>
internal sealed class McpConnection : IDisposable
{
    // Longer than any hold of the benchmark.
    private const int LimitMs = 15_000;

    private readonly Socket _socket;
    private readonly HttpMessages _messages;
    private readonly Dictionary<string, (byte[] Bytes, int[] Ids)> _calls = new(StringComparer.Ordinal);
    private readonly string _host;
    private readonly string _session;
    private int _id = McpText.FirstId;

    /// <exception cref="IOException">The server's answer is none.</exception>
    public McpConnection(NetworkNamespace client, IPEndPoint server)
    {
        _socket = client.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            {
                NoDelay = true,
                ReceiveTimeout = LimitMs,
                SendTimeout = LimitMs,
            }
        );
        _socket.Connect(server);
        (_host, _messages) = (server.ToString(), new HttpMessages(_socket));
        Exchange(McpText.Initialize(_host));
        _session = _messages.Header("mcp-session-id");
        Exchange(McpText.Initialized(_host, _session));
    }

    /// <summary>The body of the last answer.</summary>
    public ReadOnlySpan<byte> Answer => _messages.Body;

    /// <summary>Calls a tool, and waits for its result.</summary>
    /// <exception cref="IOException">What came is another call's, or no result.</exception>
    public void Call(string tool)
    {
        Send(tool);
        Receive();
    }

    /// <summary>Sends a call.</summary>
    public void Send(string tool)
    {
        if (!_calls.TryGetValue(tool, out (byte[] Bytes, int[] Ids) call))
        {
            byte[] request = McpText.Call(_host, _session, tool);
            _calls[tool] = call = (request, McpText.Ids(request));
        }
        McpText.SetId(call.Bytes, call.Ids, ++_id);
        _socket.Send(call.Bytes);
    }

    /// <summary>Waits for the result of the call that was sent last.</summary>
    /// <exception cref="IOException">What came is another call's, or no result.</exception>
    public void Receive()
    {
        ReadAnswer();
        ReadOnlySpan<byte> body = _messages.Body;
        Span<byte> end = stackalloc byte[5 + McpText.IdDigits + 1];
        "\"id\":000000000}"u8.CopyTo(end);
        McpText.SetId(end, [5], _id);
        if (!body.StartsWith("{\"result\":"u8) || !body.EndsWith(end))
        {
            throw new IOException($"no result: {Encoding.UTF8.GetString(body[..Math.Min(300, body.Length)])}");
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Exchange(byte[] request)
    {
        _socket.Send(request);
        ReadAnswer();
    }

    private void ReadAnswer()
    {
        if (!_messages.Read())
        {
            throw new IOException("the server closed the connection");
        }
        if (!_messages.Head.StartsWith("HTTP/1.1 20"u8))
        {
            throw new IOException($"no answer: {Encoding.UTF8.GetString(_messages.Head)}");
        }
    }
}
