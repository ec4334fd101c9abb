using System.Runtime.InteropServices;
using Ocx.Bpf.Handles;

namespace Ocx.Bpf.Interop;

/// <summary>The C library's calls. Sources: socket(2), packet(7), if_nametoindex(3), netdevice(7).</summary>
internal static unsafe partial class LibC
{
    public const int AF_NETLINK = 16;
    public const int AF_PACKET = 17;
    public const int SOCK_DGRAM = 2;
    public const int SOCK_RAW = 3;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOL_SOCKET = 1;
    public const int SO_RCVTIMEO = 20;
    public const int SO_ATTACH_BPF = 50;
    public const ushort ETH_P_ALL = 3;
    public const uint SIOCGIFFLAGS = 0x8913;
    public const short IFF_UP = 1;

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial int setsockopt(SocketHandle socket, int level, int name, void* value, uint length);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial int bind(SocketHandle socket, void* address, uint length);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial nint send(SocketHandle socket, void* buffer, nuint length, int flags);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial nint recv(SocketHandle socket, void* buffer, nuint length, int flags);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial int ioctl(SocketHandle socket, nuint request, void* argument);

    [LibraryImport(Libraries.LibC)]
    public static partial int close(int fd);

    [LibraryImport(Libraries.LibC, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial uint if_nametoindex(string name);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial if_nameindex_entry* if_nameindex();

    [LibraryImport(Libraries.LibC)]
    public static partial void if_freenameindex(if_nameindex_entry* list);

    /// <summary><c>struct if_nameindex</c>; an entry with index 0 ends the list.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct if_nameindex_entry
    {
        public uint if_index;
        public byte* if_name;
    }

    /// <summary><c>struct sockaddr_ll</c>; the protocol is in network byte order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_ll
    {
        public ushort sll_family;
        public ushort sll_protocol;
        public int sll_ifindex;
        public ushort sll_hatype;
        public byte sll_pkttype;
        public byte sll_halen;
        public ulong sll_addr;
    }

    /// <summary><c>struct sockaddr_nl</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_nl
    {
        public ushort nl_family;
        public ushort nl_pad;
        public uint nl_pid;
        public uint nl_groups;
    }

    /// <summary><c>struct timeval</c> on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct timeval
    {
        public long tv_sec;
        public long tv_usec;
    }
}
