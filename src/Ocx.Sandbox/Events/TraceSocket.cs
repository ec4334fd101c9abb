using System.Net.Sockets;

namespace Ocx.Sandbox.Events;

/// <summary>
/// The socket on which gVisor tells what happens in one sandbox (pkg/sentry/seccheck/sinks/remote/README.md). gVisor
/// sends a message before the system call that it is about comes to its end, so all that a server did before it
/// answered can be read when the answer is there.
/// </summary>
internal sealed class TraceSocket : IDisposable
{
    // The protocol's version, 1, as a protobuf message of both sides: common.proto, Handshake.
    private static readonly byte[] s_handshake = [0x08, 0x01];

    // More than a Unix socket's buffer holds, and so than a message can have.
    private const int LongestMessage = 512 * 1024;

    // How many messages are read at a moment's end: a sandbox that goes on sending does not keep the reader.
    private const int MostAtOnce = 50_000;

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(200);

    private readonly Socket _listener;
    private readonly Lock _reading = new();
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(LongestMessage);
    private readonly Thread _thread;
    private volatile bool _isStopping;
    private Socket? _connection;
    private bool _hasEnded;
    private uint _lost;
    private TraceWindow? _window;

    private TraceSocket(Socket listener)
    {
        _listener = listener;
        _thread = new Thread(Read) { IsBackground = true, Name = "sandbox events" };
        _thread.Start();
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="path">Where; there is nothing yet.</param>
    /// <exception cref="SocketException">It cannot listen there.</exception>
    public static TraceSocket Listen(string path)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            return new TraceSocket(listener);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>What happens from now on counts.</summary>
    public void Begin()
    {
        lock (_reading)
        {
            Drain();
            _window = new TraceWindow();
        }
    }

    /// <summary>
    /// What happened since <see cref="Begin"/>; null where gVisor never told anything, nor would have.
    /// </summary>
    public TraceWindow? End()
    {
        lock (_reading)
        {
            if (_connection is null || _window is null)
            {
                return null;
            }

            if (!Drain() || _hasEnded)
            {
                _window.AddUnknown();
            }

            TraceWindow window = _window;
            _window = null;
            return window;
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        _connection?.Dispose();
        _listener.Dispose();
    }

    private void Read()
    {
        try
        {
            while (!_isStopping && !_hasEnded)
            {
                if (_connection is null)
                {
                    Accept();
                }
                else if (_connection.Poll(s_step, SelectMode.SelectRead))
                {
                    lock (_reading)
                    {
                        Drain();
                    }
                }
            }
        }
        catch (SocketException)
        {
            _hasEnded = true;
        }
    }

    // Only the first that comes is heard: who else could connect lies outside of the sandbox.
    private void Accept()
    {
        if (!_listener.Poll(s_step, SelectMode.SelectRead))
        {
            return;
        }

        Socket connection = _listener.Accept();
        while (!connection.Poll(s_step, SelectMode.SelectRead))
        {
            // It says who it is in its own time; Dispose waits for a step at most.
            if (_isStopping)
            {
                connection.Dispose();
                return;
            }
        }

        connection.Receive(_buffer);
        lock (_reading)
        {
            connection.Send(s_handshake);
            connection.Blocking = false;
            _connection = connection;
        }
    }

    // Reads what is there. False when there is more than is read at once.
    private bool Drain()
    {
        for (int i = 0; i < MostAtOnce; i++)
        {
            if (_connection is null || _hasEnded)
            {
                return true;
            }

            int length = _connection.Receive(_buffer, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return true;
            }

            if (error != SocketError.Success || length == 0)
            {
                _hasEnded = true;
                return true;
            }

            Take(_buffer.AsMemory(0, length));
        }

        return false;
    }

    private void Take(ReadOnlyMemory<byte> message)
    {
        if (TraceEvent.Read(message) is not { } traced)
        {
            _window?.AddUnknown();
            return;
        }

        if (traced.Lost != _lost)
        {
            _lost = traced.Lost;
            _window?.AddUnknown();
        }

        _window?.Add(traced);
    }
}
