using System.Runtime.InteropServices;
using Ocx.Netfilter.Interop;

namespace Ocx.Netfilter;

/// <summary>
/// Sends whole IP packets from the network namespace of the thread that opened it (raw(7)). They carry the gate's mark,
/// which its rules let pass. It takes CAP_NET_RAW and, for the mark, CAP_NET_ADMIN. One thread uses it.
/// </summary>
public sealed unsafe class RawSender : IDisposable
{
    /// <summary>The mark of the gate's own packets: "ocx".</summary>
    public const uint Mark = 0x6F6378;

    private const int Ipv4HeaderSize = 20,
        Ipv6HeaderSize = 40;
    private const int Ipv4Destination = 16,
        Ipv6Destination = 24;

    private readonly DescriptorHandle _ipv4;

    // None where the kernel has no IPv6.
    private readonly DescriptorHandle? _ipv6;
    private long _sent;
    private long _failed;

    private RawSender(DescriptorHandle ipv4, DescriptorHandle? ipv6)
    {
        _ipv4 = ipv4;
        _ipv6 = ipv6;
    }

    /// <summary>Packets that were handed to the kernel. Any thread may ask.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Packets that could not be sent. Any thread may ask.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Opens the sockets in the calling thread's network namespace.</summary>
    /// <exception cref="NetfilterException">A capability is missing.</exception>
    public static RawSender Open()
    {
        DescriptorHandle ipv4 = OpenSocket(LibC.AF_INET) ?? throw Ensure.LastError("open a raw socket");
        try
        {
            return new RawSender(ipv4, OpenSocket(LibC.AF_INET6));
        }
        catch
        {
            ipv4.Dispose();
            throw;
        }
    }

    /// <summary>Sends a packet; a failure is counted. It never waits.</summary>
    /// <param name="packet">
    /// From the IP header on, no longer than the interface's MTU, with checksums that are right.
    /// </param>
    /// <param name="interfaceIndex">The interface, which a link-local IPv6 destination needs; else 0.</param>
    public void Send(ReadOnlySpan<byte> packet, uint interfaceIndex = 0)
    {
        bool isSent = (packet.IsEmpty ? 0 : packet[0] >> 4) switch
        {
            4 when packet.Length >= Ipv4HeaderSize => SendIpv4(packet),
            6 when packet.Length >= Ipv6HeaderSize => SendIpv6(packet, interfaceIndex),
            _ => false,
        };
        ref long counter = ref isSent ? ref _sent : ref _failed;
        Volatile.Write(ref counter, counter + 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ipv4.Dispose();
        _ipv6?.Dispose();
    }

    // IPPROTO_RAW: the packets bring their IP header along, and none is ever received by it but of protocol 255.
    private static DescriptorHandle? OpenSocket(int family)
    {
        int descriptor = LibC.socket(family, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC | LibC.SOCK_NONBLOCK, LibC.IPPROTO_RAW);
        if (descriptor < 0)
        {
            NetfilterException failure = Ensure.LastError("open a raw socket");
            return failure.Errno switch
            {
                LibC.EAFNOSUPPORT => null,
                LibC.EPERM => throw new NetfilterException(
                    "open a raw socket",
                    LibC.EPERM,
                    "it takes the capability NET_RAW in this network namespace"
                ),
                _ => throw failure,
            };
        }
        var socket = new DescriptorHandle(descriptor);
        uint mark = Mark;
        int least = 0;
        if (
            LibC.setsockopt(descriptor, LibC.SOL_SOCKET, LibC.SO_MARK, &mark, sizeof(uint)) != 0
            || LibC.setsockopt(descriptor, LibC.SOL_SOCKET, LibC.SO_RCVBUF, &least, sizeof(int)) != 0
        )
        {
            NetfilterException failure = new(
                "mark the packets of a raw socket",
                Marshal.GetLastPInvokeError(),
                "it takes the capability NET_ADMIN in this network namespace"
            );
            socket.Dispose();
            throw failure;
        }
        return socket;
    }

    private bool SendIpv4(ReadOnlySpan<byte> packet)
    {
        var address = new LibC.sockaddr_in
        {
            sin_family = LibC.AF_INET,
            sin_addr = MemoryMarshal.Read<uint>(packet[Ipv4Destination..]),
        };
        return Send(_ipv4, packet, &address, sizeof(LibC.sockaddr_in));
    }

    private bool SendIpv6(ReadOnlySpan<byte> packet, uint interfaceIndex)
    {
        if (_ipv6 is null)
        {
            return false;
        }
        var address = new LibC.sockaddr_in6 { sin6_family = LibC.AF_INET6 };
        packet.Slice(Ipv6Destination, 16).CopyTo(new Span<byte>(address.sin6_addr, 16));
        // A scope makes the kernel insist on the interface: only where the address means nothing without it.
        bool isLinkLocal = packet[Ipv6Destination] == 0xFE && (packet[Ipv6Destination + 1] & 0xC0) == 0x80;
        address.sin6_scope_id = isLinkLocal ? interfaceIndex : 0;
        return Send(_ipv6, packet, &address, sizeof(LibC.sockaddr_in6));
    }

    private static bool Send(DescriptorHandle socket, ReadOnlySpan<byte> packet, void* address, int addressLength)
    {
        fixed (byte* bytes = packet)
        {
            nint sent;
            do
            {
                sent = LibC.sendto(
                    socket.Number,
                    bytes,
                    (nuint)packet.Length,
                    LibC.MSG_DONTWAIT,
                    address,
                    (uint)addressLength
                );
            } while (sent < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR);
            return sent == packet.Length;
        }
    }
}
