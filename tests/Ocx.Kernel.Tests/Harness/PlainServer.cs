using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// An HTTP server and its clients, byte by byte: a test says what is sent, how connections end and on which ports they
/// are.
/// </summary>
internal sealed class PlainServer : IDisposable
{
    private static readonly IPEndPoint s_address = new(IPAddress.Loopback, 8080);

    private readonly NetworkNamespace _host;
    private readonly Socket _listener;

    public PlainServer(NetworkNamespace host)
    {
        _host = host;
        _listener = host.Run(Open);
        _listener.Bind(s_address);
        _listener.Listen();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A POST of a JSON-RPC message.</summary>
    public static string Post(string json, string version = "1.1", string? session = null) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"POST /mcp HTTP/{version}\r\nHost: s\r\nContent-Type: application/json\r\n"
                + $"Accept: application/json, text/event-stream\r\n"
                + $"{(session is null ? "" : $"Mcp-Session-Id: {session}\r\n")}"
                + $"Content-Length: {json.Length}\r\n\r\n{json}"
        );

    /// <summary>A tool call whose arguments hold a number.</summary>
    public static string Call(int number) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"jsonrpc\":\"2.0\",\"id\":{number},\"method\":\"tools/call\",\"params\":{{\"name\":\"count\","
                + $"\"arguments\":{{\"n\":{number}}}}}}}"
        );

    /// <summary>The answer to <see cref="Call"/>.</summary>
    public static string Result(int number) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"jsonrpc\":\"2.0\",\"id\":{number},\"result\":{{\"content\":[],\"isError\":false}}}}"
        );

    /// <summary>Connects, from a port of its own or from one that is named.</summary>
    public async Task<(Socket Client, Socket Server)> ConnectAsync(int clientPort = 0)
    {
        Socket client = _host.Run(Open);
        client.Bind(new IPEndPoint(IPAddress.Loopback, clientPort));
        await client.ConnectAsync(s_address, Cancellation);
        return (client, await _listener.AcceptAsync(Cancellation));
    }

    /// <summary>Sends a text, and waits until the other end has it.</summary>
    public static async Task SendAsync(Socket from, Socket to, string text)
    {
        await from.SendAsync(Encoding.ASCII.GetBytes(text), Cancellation);
        byte[] buffer = new byte[text.Length];
        for (int received = 0, count; received < text.Length; received += count)
        {
            count = await to.ReceiveAsync(buffer.AsMemory(received), Cancellation);
            Assert.True(count > 0, "the connection ended early");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        // A port may be used again though its last connection lingers (socket(7)).
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        return socket;
    }
}
