using System.Runtime.InteropServices;

namespace Ocx.Netfilter.Interop;

/// <summary>libmnl's netlink sockets and attributes. Source: libmnl.h of libmnl 1.0.4.</summary>
internal static unsafe partial class LibMnl
{
    public const uint MNL_SOCKET_AUTOPID = 0;

    [LibraryImport(Libraries.LibMnl, SetLastError = true)]
    public static partial nint mnl_socket_open2(int bus, int flags);

    [LibraryImport(Libraries.LibMnl, SetLastError = true)]
    public static partial int mnl_socket_bind(NetlinkSocketHandle socket, uint groups, uint portId);

    [LibraryImport(Libraries.LibMnl)]
    public static partial int mnl_socket_close(nint socket);

    [LibraryImport(Libraries.LibMnl)]
    public static partial int mnl_socket_get_fd(NetlinkSocketHandle socket);

    [LibraryImport(Libraries.LibMnl)]
    public static partial uint mnl_socket_get_portid(NetlinkSocketHandle socket);

    [LibraryImport(Libraries.LibMnl, SetLastError = true)]
    public static partial nint mnl_socket_sendto(NetlinkSocketHandle socket, void* messages, nuint length);

    [LibraryImport(Libraries.LibMnl, SetLastError = true)]
    public static partial int mnl_socket_setsockopt(NetlinkSocketHandle socket, int name, void* value, uint length);

    /// <summary>Adds an attribute to the end of a message; there must be room.</summary>
    [LibraryImport(Libraries.LibMnl)]
    public static partial void mnl_attr_put_u32(nlmsghdr* message, ushort type, uint value);

    /// <summary><c>struct nlmsghdr</c> (include/uapi/linux/netlink.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct nlmsghdr
    {
        public uint nlmsg_len;
        public ushort nlmsg_type;
        public ushort nlmsg_flags;
        public uint nlmsg_seq;
        public uint nlmsg_pid;
    }

    /// <summary><c>struct nlattr</c>; its bytes follow it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct nlattr
    {
        public ushort nla_len;
        public ushort nla_type;
    }
}
