using System.Buffers.Binary;

namespace Ocx.Cli.Pcap;

/// <summary>Finds the IP packet in what was captured of a frame.</summary>
internal static class LinkLayer
{
    private const int EthernetType = 12; // where it stands in the header

    /// <summary>Is this link type read at all?</summary>
    public static bool IsKnown(LinkType type) => Enum.IsDefined(type);

    /// <summary>The offset of the IP header; -1 when the frame carries something else, or too little of it.</summary>
    public static int FindIp(LinkType type, ReadOnlySpan<byte> frame) =>
        type switch
        {
            LinkType.Raw or LinkType.RawBsd or LinkType.RawOpenBsd or LinkType.IPv4 or LinkType.IPv6 => 0,
            // Which family stands there does not matter: the packet's own first four bits tell.
            LinkType.Null or LinkType.Loop => frame.Length > 4 ? 4 : -1,
            LinkType.Enc => frame.Length > 12 ? 12 : -1,
            LinkType.PfLog => PfLog(frame),
            LinkType.Ethernet => FindIpInEthernet(frame),
            LinkType.LinuxSll => EtherTypes.FindIp(frame, 14),
            LinkType.LinuxSll2 when frame.Length > 20 => EtherTypes.FindIp(
                BinaryPrimitives.ReadUInt16BigEndian(frame),
                frame,
                20
            ),
            LinkType.CiscoHdlc => EtherTypes.FindIp(frame, 2),
            LinkType.Ppp or LinkType.PppHdlc => EtherTypes.FindIpInPpp(frame, 0),
            LinkType.Pppoe => EtherTypes.FindIp(EtherTypes.PppoeSession, frame, 0),
            LinkType.Mpls => EtherTypes.FindIp(EtherTypes.Mpls, frame, 0),
            LinkType.NfLog => NfLog(frame),
            LinkType.PkTap => PkTap(frame),
            _ => -1,
        };

    /// <summary>The offset of the IP header in an Ethernet frame that stands inside of another packet.</summary>
    public static int FindIpInEthernet(ReadOnlySpan<byte> frame) => EtherTypes.FindIp(frame, EthernetType);

    // The first byte is the header's length, which is filled up to a multiple of four.
    private static int PfLog(ReadOnlySpan<byte> frame)
    {
        int header = frame.IsEmpty ? 0 : (frame[0] + 3) & ~3;
        return header > 0 && header < frame.Length ? header : -1;
    }

    // Four bytes, and then attributes: length with this header, type, value, filled up to a multiple of four. Type 9 is
    // the packet. Lengths are in the byte order of the machine that captured; none is as large as 256 read backwards.
    private static int NfLog(ReadOnlySpan<byte> frame)
    {
        const int payload = 9;
        for (int at = 4; at + 4 <= frame.Length; )
        {
            ushort length = BinaryPrimitives.ReadUInt16LittleEndian(frame[at..]),
                type = BinaryPrimitives.ReadUInt16LittleEndian(frame[(at + 2)..]);
            if ((type & 0xFF) == 0)
            {
                length = BinaryPrimitives.ReverseEndianness(length);
                type = BinaryPrimitives.ReverseEndianness(type);
            }

            if (length < 4)
            {
                return -1;
            }

            if (type == payload)
            {
                return at + 4 < frame.Length ? at + 4 : -1;
            }

            at += (length + 3) & ~3;
        }

        return -1;
    }

    // Its own length and, eight bytes in, the link type of what follows, which is no such header; little-endian.
    private static int PkTap(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 12)
        {
            return -1;
        }

        uint header = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        var type = (LinkType)BinaryPrimitives.ReadUInt32LittleEndian(frame[8..]);
        if (header < 12 || header >= frame.Length || type == LinkType.PkTap)
        {
            return -1;
        }

        int ip = FindIp(type, frame[(int)header..]);
        return ip < 0 ? -1 : (int)header + ip;
    }
}
