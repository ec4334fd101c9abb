using System.Runtime.InteropServices;

namespace Ocx.Netfilter.Interop;

internal static unsafe partial class LibC
{
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int NETLINK_NETFILTER = 12;
    public const int SOCK_RAW = 3;
    public const int SOCK_NONBLOCK = 0x800;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int IPPROTO_RAW = 255;

    public const int SOL_SOCKET = 1,
        SOL_NETLINK = 270;

    public const int SO_RCVBUF = 8,
        SO_SNDBUF = 7,
        SO_RCVBUFFORCE = 33,
        SO_SNDBUFFORCE = 32,
        SO_MARK = 36,
        NETLINK_NO_ENOBUFS = 5,
        NETLINK_CAP_ACK = 10;

    public const int MSG_TRUNC = 0x20,
        MSG_DONTWAIT = 0x40;

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial int setsockopt(int socket, int level, int name, void* value, uint length);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial nint recvfrom(
        int socket,
        void* buffer,
        nuint length,
        int flags,
        void* address,
        uint* addressLength
    );

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial nint sendto(
        int socket,
        void* buffer,
        nuint length,
        int flags,
        void* address,
        uint addressLength
    );

    /// <summary><c>struct sockaddr_nl</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_nl
    {
        public ushort nl_family;
        public ushort nl_pad;
        public uint nl_pid;
        public uint nl_groups;
    }

    /// <summary><c>struct sockaddr_in</c>; port and address are in network byte order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_in
    {
        public ushort sin_family;
        public ushort sin_port;
        public uint sin_addr;
        public ulong sin_zero;
    }

    /// <summary><c>struct sockaddr_in6</c>; port and address are in network byte order.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_in6
    {
        public ushort sin6_family;
        public ushort sin6_port;
        public uint sin6_flowinfo;
        public fixed byte sin6_addr[16];
        public uint sin6_scope_id;
    }
}
