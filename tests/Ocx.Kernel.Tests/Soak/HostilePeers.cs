using System.Net;
using System.Net.Sockets;
using Ocx.Kernel.Tests.Harness;

namespace Ocx.Kernel.Tests.Soak;

/// <summary>
/// Plays scripts between two namespaces, one connection after the other at a set rate, until it is told to stop.
/// </summary>
internal sealed class HostilePeers(VethPair pair, IPEndPoint server, IReadOnlyList<PeerScript> scripts, int seed)
{
    // What this machine's two cores carry beside the agent and the good client. More would fill the ring, which is
    // another matter.
    private const int ConnectionsPerSecond = 60;
    private const long BytesPerSecond = 6 << 20;
    private const int MostMadeUpMs = 200;
    private const int MostLeftOpen = 2_000;

    private static readonly LingerOption s_reset = new(enable: true, seconds: 0);

    private readonly Random _random = new(seed);
    private readonly Queue<Socket> _open = [];

    /// <summary>Connections made so far.</summary>
    public int Played { get; private set; }

    /// <summary>Plays until it is cancelled; all sockets are closed then.</summary>
    public async Task PlayAsync(CancellationToken cancellation)
    {
        using Socket listener = pair.Server.Run(() =>
            new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        );
        listener.Bind(server);
        listener.Listen(512);
        long next = Environment.TickCount64;
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                // Each script as it is in turn, and between them some that are changed in a few places.
                PeerScript script = scripts[Played / 2 % scripts.Count];
                long bytes = await PlayAsync(listener, Played % 2 == 0 ? script : Mutate(script), cancellation);
                Played++;
                // Time that the machine did not give is not made up for: that would be a burst at any rate.
                next = Math.Max(next, Environment.TickCount64 - MostMadeUpMs);
                next += Math.Max(1000 / ConnectionsPerSecond, bytes * 1000 / BytesPerSecond);
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, next - Environment.TickCount64)), cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }
        finally
        {
            foreach (Socket socket in _open)
            {
                socket.Dispose();
            }
        }
    }

    private async Task<long> PlayAsync(Socket listener, PeerScript script, CancellationToken cancellation)
    {
        Socket client = pair.Client.Run(() =>
            new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
        );
        Socket? accepted = null;
        try
        {
            await client.ConnectAsync(server, cancellation);
            accepted = await listener.AcceptAsync(cancellation);
            await SendAsync(client, accepted, script.Request, cancellation);
            await SendAsync(accepted, client, script.Response, cancellation);
        }
        catch (SocketException)
        {
            // The other end has closed: that is part of the play.
        }
        End((Ending)_random.Next(3), client, accepted);
        return script.Request.Length + script.Response.Length;
    }

    // In pieces of any size, and read by the other side as they come: no socket's buffer holds it up.
    private async Task SendAsync(Socket from, Socket to, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var buffer = new byte[64 << 10];
        while (!bytes.IsEmpty)
        {
            int length = Math.Min(bytes.Length, _random.Next(3) == 0 ? _random.Next(1, 64) : _random.Next(1, 60_000));
            await from.SendAsync(bytes[..length], cancellation);
            for (int read = 0; read < length; )
            {
                int got = await to.ReceiveAsync(
                    buffer.AsMemory(0, Math.Min(buffer.Length, length - read)),
                    cancellation
                );
                if (got == 0)
                {
                    return;
                }
                read += got;
            }
            bytes = bytes[length..];
        }
    }

    private void End(Ending ending, Socket client, Socket? server)
    {
        if (ending == Ending.StayOpen && server is not null)
        {
            _open.Enqueue(client);
            _open.Enqueue(server);
            while (_open.Count > MostLeftOpen)
            {
                _open.Dequeue().Dispose();
            }
            return;
        }
        if (ending == Ending.Reset)
        {
            client.LingerState = s_reset;
        }
        client.Dispose();
        server?.Dispose();
    }

    private PeerScript Mutate(PeerScript script) =>
        script with
        {
            Request = Mutate(script.Request),
            Response = Mutate(script.Response),
        };

    private byte[] Mutate(byte[] bytes)
    {
        byte[] changed = [.. bytes];
        for (int i = _random.Next(4); i > 0 && changed.Length > 0; i--)
        {
            changed[_random.Next(changed.Length)] = (byte)_random.Next(256);
        }
        return _random.Next(4) == 0 ? changed[..(changed.Length * _random.Next(1, 10) / 10)] : changed;
    }
}
