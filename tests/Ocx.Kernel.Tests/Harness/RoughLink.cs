using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// A client's and a server's namespace, connected by the TAP devices client0 and server0 and a wire between them that
/// loses, repeats and reorders packets, like tc-netem(8), which needs a kernel module that not every machine has.
/// </summary>
internal sealed class RoughLink : ILink
{
    private const double LossShare = 0.02;
    private const double RepeatShare = 0.02;
    private const double ReorderShare = 0.02;
    private const int Overtaken = 3;

    private readonly FileStream _clientEnd;
    private readonly FileStream _serverEnd;
    private readonly Thread[] _wires;
    private long _lost;
    private long _repeated;
    private long _reordered;

    /// <summary>Connects the two with an address and prefix length each; the seed decides each packet's fate.</summary>
    public RoughLink(string clientAddress, string serverAddress, int seed)
    {
        _clientEnd = Client.Run(() => Open("client0"));
        _serverEnd = Server.Run(() => Open("server0"));
        foreach (
            (NetworkNamespace side, string name, string address) in new[]
            {
                (Client, "client0", clientAddress),
                (Server, "server0", serverAddress),
            }
        )
        {
            side.Ip($"address add {address} dev {name}");
            side.Ip($"link set {name} up");
        }

        _wires =
        [
            new(() => Carry(_clientEnd, _serverEnd, new Random(seed))),
            new(() => Carry(_serverEnd, _clientEnd, new Random(seed + 1))),
        ];
        Array.ForEach(_wires, wire => wire.Start());
    }

    public NetworkNamespace Client { get; } = new();

    public NetworkNamespace Server { get; } = new();

    /// <summary>Packets that did not arrive, both ways.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Packets that arrived twice.</summary>
    public long Repeated => Interlocked.Read(ref _repeated);

    /// <summary>Packets that later ones overtook.</summary>
    public long Reordered => Interlocked.Read(ref _reordered);

    /// <inheritdoc/>
    public void Dispose()
    {
        // A device that is gone ends the read that waits on it.
        Client.Ip("link delete client0");
        Server.Ip("link delete server0");
        Array.ForEach(_wires, wire => wire.Join());
        _clientEnd.Dispose();
        _serverEnd.Dispose();
        Client.Dispose();
        Server.Dispose();
    }

    // Kernel: Documentation/networking/tuntap.rst; struct ifreq is 16 bytes of name and a union of 24, whose first two
    // are the flags.
    private static FileStream Open(string name)
    {
        SafeFileHandle file = File.OpenHandle("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Span<byte> request = stackalloc byte[40];
        request.Clear();
        Encoding.ASCII.GetBytes(name, request);
        MemoryMarshal.Write(request[16..], (short)(Native.IffTap | Native.IffNoPi));
        return Native.ioctl(file, Native.TunSetIff, request) == 0
            ? new FileStream(file, FileAccess.ReadWrite, bufferSize: 0)
            : throw Native.Failed($"create the TAP device {name}");
    }

    private void Carry(FileStream from, FileStream to, Random fate)
    {
        var frame = new byte[65536];
        byte[]? late = null;
        int overtaken = 0;
        try
        {
            while (from.Read(frame) is int length and > 0)
            {
                Deliver(frame.AsSpan(0, length));
                if (late is not null && ++overtaken >= Overtaken)
                {
                    to.Write(late);
                    late = null;
                }
            }
        }
        catch (IOException)
        {
            // Its device is gone.
        }

        void Deliver(ReadOnlySpan<byte> packet)
        {
            double draw = fate.NextDouble();
            if (draw < LossShare)
            {
                Interlocked.Increment(ref _lost);
                return;
            }

            if (draw < LossShare + ReorderShare && late is null)
            {
                Interlocked.Increment(ref _reordered);
                (late, overtaken) = (packet.ToArray(), -1);
                return;
            }

            to.Write(packet);
            if (draw > 1 - RepeatShare)
            {
                Interlocked.Increment(ref _repeated);
                to.Write(packet);
            }
        }
    }
}
