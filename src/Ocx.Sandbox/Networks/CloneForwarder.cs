using System.Net;
using System.Net.Sockets;
using Ocx.Netfilter;

namespace Ocx.Sandbox.Networks;

/// <summary>
/// Listens in a sandbox's network and copies bytes to a clone and back. The sandbox chooses nothing of where they go,
/// and has so many connections at once and no more.
/// </summary>
internal sealed class CloneForwarder : IAsyncDisposable
{
    private const int MostConnections = 64;
    private const int Chunk = 16 * 1024;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly CloneForward _forward;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _room = new(MostConnections);
    private readonly Task _accepting;

    private CloneForwarder(CloneForward forward, Socket listener)
    {
        _forward = forward;
        _listener = listener;
        _accepting = AcceptAsync();
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="network">The sandbox's network, with its loopback up.</param>
    /// <param name="forward">From where, and where to.</param>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static CloneForwarder Listen(NetworkNamespace network, CloneForward forward)
    {
        Socket listener = network.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, forward.Port));
            listener.Listen();
            return new CloneForwarder(forward, listener);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Ends all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        // Each connection gives its place back at its end.
        for (int i = 0; i < MostConnections; i++)
        {
            await _room.WaitAsync();
        }

        _room.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            bool hasRoom = false;
            try
            {
                await _room.WaitAsync(_stop.Token);
                hasRoom = true;
                Socket connection = await _listener.AcceptAsync(_stop.Token);
                hasRoom = false;
                _ = ForwardAsync(connection);
            }
            catch (Exception wrong) when (wrong is OperationCanceledException or SocketException)
            {
                if (hasRoom)
                {
                    _room.Release();
                }

                await PauseAsync();
            }
        }
    }

    // For want of descriptors, say; the end of the forwarder ends it.
    private async Task PauseAsync() =>
        await Task.Delay(s_pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task ForwardAsync(Socket inside)
    {
        try
        {
            using (inside)
            using (Socket outside = New(_forward.Target))
            {
                await outside.ConnectAsync(_forward.Target, _stop.Token);
                Task there = CopyAsync(inside, outside);
                Task back = CopyAsync(outside, inside);
                await Task.WhenAll(there, back);
            }
        }
        catch (Exception wrong) when (wrong is OperationCanceledException or SocketException)
        {
            // The one side is gone, and by the disposal the other.
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        byte[] chunk = new byte[Chunk];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(chunk, _stop.Token)) > 0)
            {
                for (int sent = 0; sent < read; )
                {
                    sent += await to.SendAsync(chunk.AsMemory(sent, read - sent), _stop.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            from.Dispose();
            to.Dispose();
        }
        catch (ObjectDisposedException)
        {
            // The other direction failed.
        }
    }

    private static Socket New(EndPoint target) =>
        target.AddressFamily == AddressFamily.Unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
}
