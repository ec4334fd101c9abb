using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// A record's header as the kernel writes it: <c>struct ocx_record</c> of bpf/event.h, field by field.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SegmentHeader
{
    public ulong TimestampNs;
    public ulong PidTgid;
    public AddressBytes SourceAddress;
    public AddressBytes DestinationAddress;
    public uint Ifindex;
    public uint Sequence;
    public uint Acknowledgment;
    public uint Length;
    public uint Captured;
    public ushort SourcePort;
    public ushort DestinationPort;
    public byte IpVersion;
    public byte TcpFlags;
    public SegmentFlags Flags;
    public ReservedBytes Reserved;

    /// <summary>An address in network order; IPv4 in the first four bytes.</summary>
    [InlineArray(16)]
    internal struct AddressBytes
    {
        private byte _element;
    }

    /// <summary>Explicit padding.</summary>
    [InlineArray(5)]
    internal struct ReservedBytes
    {
        private byte _element;
    }
}

/// <summary>The flags of a record (<c>OCX_RECORD_*</c> in bpf/event.h).</summary>
[Flags]
internal enum SegmentFlags : byte
{
    None = 0,

    /// <summary>This host sent the packet; else it received or forwards it.</summary>
    Outgoing = 1,

    /// <summary>More records of the same packet follow.</summary>
    Continued = 2,

    /// <summary>The snap length cut the payload.</summary>
    Truncated = 4,
}
