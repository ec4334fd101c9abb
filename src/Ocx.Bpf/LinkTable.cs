using System.Runtime.InteropServices;
using System.Text;
using Ocx.Bpf.Handles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>The network interfaces of the calling thread's network namespace (netdevice(7)).</summary>
public static unsafe class LinkTable
{
    /// <summary>The longest interface name in bytes (IFNAMSIZ without its terminator).</summary>
    public const int MaxNameLength = 15;

    /// <summary>The index of an interface, or 0 when there is none of that name.</summary>
    public static int IndexOf(string name) => (int)LibC.if_nametoindex(name);

    /// <summary>All interfaces by index.</summary>
    public static IReadOnlyDictionary<int, string> List()
    {
        var names = new SortedDictionary<int, string>();
        LibC.if_nameindex_entry* list = LibC.if_nameindex();
        if (list == null)
        {
            throw Ensure.LastError("list the network interfaces");
        }
        for (LibC.if_nameindex_entry* entry = list; entry->if_index != 0; entry++)
        {
            names[(int)entry->if_index] = Marshal.PtrToStringUTF8((nint)entry->if_name) ?? "";
        }
        LibC.if_freenameindex(list);
        return names;
    }

    /// <summary>Is the interface there and set up by its administrator (IFF_UP)?</summary>
    public static bool IsUp(string name)
    {
        using SocketHandle socket = SocketHandle.Open(LibC.AF_PACKET, LibC.SOCK_DGRAM, 0);
        // struct ifreq: 16 bytes of name, then a union that begins with the flags; 40 bytes on 64-bit Linux.
        Span<byte> request = stackalloc byte[40];
        request.Clear();
        if (Encoding.UTF8.GetByteCount(name) > MaxNameLength)
        {
            return false;
        }
        Encoding.UTF8.GetBytes(name, request);
        fixed (byte* address = request)
        {
            return LibC.ioctl(socket, LibC.SIOCGIFFLAGS, address) == 0 && (*(short*)(address + 16) & LibC.IFF_UP) != 0;
        }
    }
}
