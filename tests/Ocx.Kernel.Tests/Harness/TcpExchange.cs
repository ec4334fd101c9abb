using System.Net;
using System.Net.Sockets;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// A real TCP connection on which each side sends what a test says, and which checks that it arrived.
/// </summary>
internal sealed record TcpExchange(IPEndPoint Client, IPEndPoint Server)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    /// <summary>Connects, sends the request, then the response, and closes.</summary>
    public static async Task<TcpExchange> RunAsync(
        NetworkNamespace client,
        NetworkNamespace server,
        IPAddress address,
        ushort port,
        byte[] request,
        byte[] response
    )
    {
        using var limit = new CancellationTokenSource(s_limit);
        using Socket listener = server.Run(() => Open(address.AddressFamily));
        listener.Bind(new IPEndPoint(address, port));
        listener.Listen();
        using Socket near = client.Run(() => Open(address.AddressFamily));
        await near.ConnectAsync(new IPEndPoint(address, port), limit.Token);
        using Socket far = await listener.AcceptAsync(limit.Token);

        await SendAsync(near, far, request, limit.Token);
        await SendAsync(far, near, response, limit.Token);
        return new TcpExchange(Plain(near.LocalEndPoint), Plain(near.RemoteEndPoint));
    }

    /// <summary>Bytes in which no stretch repeats, so that a lost, doubled or moved piece shows.</summary>
    public static byte[] Data(int length, int seed = 1)
    {
        var bytes = new byte[length];
#pragma warning disable CA5394 // A fixed seed gives the same bytes in each run; nothing is secret here.
        new Random(seed).NextBytes(bytes);
#pragma warning restore CA5394
        return bytes;
    }

    private static async Task SendAsync(Socket from, Socket to, byte[] data, CancellationToken cancellation)
    {
        var received = new byte[data.Length];
        Task receiving = ReceiveAsync(to, received, cancellation);
        for (int sent = 0; sent < data.Length; )
        {
            sent += await from.SendAsync(data.AsMemory(sent), cancellation);
        }
        await receiving;
        Assert.True(data.AsSpan().SequenceEqual(received), "what arrived is not what was sent");
    }

    private static async Task ReceiveAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellation)
    {
        while (!buffer.IsEmpty)
        {
            int count = await socket.ReceiveAsync(buffer, cancellation);
            Assert.True(count > 0, "the connection ended early");
            buffer = buffer[count..];
        }
    }

    private static Socket Open(AddressFamily family) =>
        new(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    // Without the scope of a link-local address, which no packet carries.
    private static IPEndPoint Plain(EndPoint? end) =>
        new(new IPAddress(((IPEndPoint)end!).Address.GetAddressBytes()), ((IPEndPoint)end).Port);
}
