using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Ocx.Bpf.Handles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>Asks the kernel for TCP sockets of the calling thread's network namespace (sock_diag(7)).</summary>
public sealed unsafe class SocketDiagnostics : IDisposable
{
    private const int NETLINK_SOCK_DIAG = 4;
    private const ushort SOCK_DIAG_BY_FAMILY = 20,
        NLM_F_REQUEST = 1;
    private const byte AF_INET = 2,
        AF_INET6 = 10,
        IPPROTO_TCP = 6;
    private const int HeaderSize = 16,
        RequestSize = HeaderSize + 56,
        InodeOffset = HeaderSize + 68;

    private readonly SocketHandle _socket = SocketHandle.Open(LibC.AF_NETLINK, LibC.SOCK_RAW, NETLINK_SOCK_DIAG);

    /// <summary>Finds a connected TCP socket by its two ends, and tells its inode as /proc/PID/fd shows it.</summary>
    /// <returns>The inode; 0 when there is no such socket (any more), or no process holds it.</returns>
    public uint FindInode(
        ReadOnlySpan<byte> localAddress,
        ushort localPort,
        ReadOnlySpan<byte> remoteAddress,
        ushort remotePort
    )
    {
        byte* buffer = stackalloc byte[512];
        var request = new Span<byte>(buffer, RequestSize);
        request.Clear();
        // struct nlmsghdr
        MemoryMarshal.Write(request, RequestSize);
        MemoryMarshal.Write(request[4..], SOCK_DIAG_BY_FAMILY);
        MemoryMarshal.Write(request[6..], NLM_F_REQUEST);
        // struct inet_diag_req_v2, then its struct inet_diag_sockid
        Span<byte> body = request[HeaderSize..];
        body[0] = localAddress.Length == 4 ? AF_INET : AF_INET6;
        body[1] = IPPROTO_TCP;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], uint.MaxValue);
        BinaryPrimitives.WriteUInt16BigEndian(body[8..], localPort);
        BinaryPrimitives.WriteUInt16BigEndian(body[10..], remotePort);
        localAddress.CopyTo(body[12..]);
        remoteAddress.CopyTo(body[28..]);
        body[48..56].Fill(0xFF); // INET_DIAG_NOCOOKIE
        Ensure.NotNegative((int)LibC.send(_socket, buffer, RequestSize, 0), "ask for a socket");

        // The answer to a request that is no dump is there at once: struct inet_diag_msg, or an error message.
        int length = Ensure.NotNegative((int)LibC.recv(_socket, buffer, 512, 0), "read about a socket");
        bool found = length >= InodeOffset + sizeof(uint) && *(ushort*)(buffer + 4) == SOCK_DIAG_BY_FAMILY;
        return found ? *(uint*)(buffer + InodeOffset) : 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
