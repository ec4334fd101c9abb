using System.Buffers.Binary;
using Ocx.Bpf.Handles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>
/// A packet socket (packet(7)) that exists to run a socket filter on an interface's packets, in both directions.
/// The filter is attached before the bind, so no packet is ever queued. Closing it detaches the filter.
/// </summary>
public sealed unsafe class PacketSocket : IDisposable
{
    /// <summary>The interface index that stands for all interfaces of the network namespace.</summary>
    public const int AnyInterface = 0;

    private readonly SocketHandle _socket;

    private PacketSocket(SocketHandle socket, int interfaceIndex)
    {
        _socket = socket;
        InterfaceIndex = interfaceIndex;
    }

    /// <summary>The interface that the socket is bound to.</summary>
    public int InterfaceIndex { get; }

    /// <summary>Runs a loaded socket filter on an interface of the calling thread's network namespace.</summary>
    /// <param name="program">An object whose program is a loaded socket filter.</param>
    /// <param name="interfaceIndex">The interface, or <see cref="AnyInterface"/>.</param>
    /// <exception cref="BpfException">No such interface, or CAP_NET_RAW is missing.</exception>
    public static PacketSocket Attach(BpfObject program, int interfaceIndex)
    {
        ArgumentNullException.ThrowIfNull(program);
        // Protocol 0 receives nothing before the bind. SOCK_DGRAM: offset 0 is the network header on every link type.
        SocketHandle socket = SocketHandle.Open(LibC.AF_PACKET, LibC.SOCK_DGRAM, 0);
        try
        {
            int fd = program.ProgramFd;
            Ensure.NotNegative(
                LibC.setsockopt(socket, LibC.SOL_SOCKET, LibC.SO_ATTACH_BPF, &fd, sizeof(int)),
                "attach the socket filter"
            );
            var address = new LibC.sockaddr_ll
            {
                sll_family = LibC.AF_PACKET,
                sll_protocol = BinaryPrimitives.ReverseEndianness(LibC.ETH_P_ALL),
                sll_ifindex = interfaceIndex,
            };
            Ensure.NotNegative(
                LibC.bind(socket, &address, (uint)sizeof(LibC.sockaddr_ll)),
                $"bind to interface {interfaceIndex}"
            );
            return new PacketSocket(socket, interfaceIndex);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
