using System.Buffers.Binary;

namespace Ocx.Cli.Pcap;

/// <summary>
/// Follows the headers between an Ethernet type and the IP packet: VLAN tags, MPLS labels, PPPoE, LLC/SNAP.
/// </summary>
internal static class EtherTypes
{
    /// <summary>MPLS labels (RFC 3032).</summary>
    public const ushort Mpls = 0x8847;

    /// <summary>A PPPoE session (RFC 2516).</summary>
    public const ushort PppoeSession = 0x8864;

    /// <summary>An Ethernet frame inside of another protocol, as GRE and Geneve name it.</summary>
    public const ushort TransparentEthernet = 0x6558;

    private const ushort IPv4 = 0x0800,
        IPv6 = 0x86DD,
        MplsMulticast = 0x8848;

    // 802.1Q, 802.1ad and its forerunner.
    private const ushort Vlan = 0x8100,
        ServiceVlan = 0x88A8,
        OldServiceVlan = 0x9100;

    // Below it the field is the frame's length, and LLC follows (IEEE 802.3, 3.2.6).
    private const ushort FirstType = 0x0600;

    private const int MostHeaders = 6,
        MostLabels = 8;

    /// <summary>
    /// The offset of the IP header behind the Ethernet type that stands at <paramref name="at"/>; else -1.
    /// </summary>
    public static int FindIp(ReadOnlySpan<byte> frame, int at) =>
        at + 2 <= frame.Length ? FindIp(BinaryPrimitives.ReadUInt16BigEndian(frame[at..]), frame, at + 2) : -1;

    /// <summary>
    /// The offset of the IP header in what has this Ethernet type and begins at <paramref name="at"/>; else -1.
    /// </summary>
    public static int FindIp(ushort type, ReadOnlySpan<byte> frame, int at)
    {
        for (int headers = 0; headers < MostHeaders; headers++)
        {
            switch (type)
            {
                case IPv4 or IPv6:
                    return at < frame.Length ? at : -1;
                case Vlan or ServiceVlan or OldServiceVlan when at + 4 <= frame.Length:
                    type = BinaryPrimitives.ReadUInt16BigEndian(frame[(at + 2)..]);
                    at += 4;
                    break;
                case PppoeSession:
                    return FindIpInPpp(frame, at + 6);
                case Mpls or MplsMulticast:
                    return FindIpBehindLabels(frame, at);
                case < FirstType when IsSnap(frame, at):
                    type = BinaryPrimitives.ReadUInt16BigEndian(frame[(at + 6)..]);
                    at += 8;
                    break;
                default:
                    return -1;
            }
        }

        return -1;
    }

    /// <summary>The offset of the IP header in PPP that begins at <paramref name="at"/>; else -1.</summary>
    public static int FindIpInPpp(ReadOnlySpan<byte> frame, int at)
    {
        // Address and control may be left out, and the protocol's first byte when it is zero (RFC 1661, 6.5 and 6.6).
        at += at + 2 <= frame.Length && frame[at] == 0xFF && frame[at + 1] == 3 ? 2 : 0;
        if (at + 2 > frame.Length)
        {
            return -1;
        }

        bool compressed = (frame[at] & 1) != 0;
        int protocol = compressed ? frame[at] : BinaryPrimitives.ReadUInt16BigEndian(frame[at..]);
        at += compressed ? 1 : 2;
        return protocol switch
        {
            0x0021 or 0x0057 => at < frame.Length ? at : -1,
            0x0281 => FindIpBehindLabels(frame, at),
            _ => -1,
        };
    }

    // Nothing names what is behind the last label: IP begins with its version, a pseudowire's Ethernet frame with a
    // control word of which the first four bits are zero (RFC 4448, 4.6).
    private static int FindIpBehindLabels(ReadOnlySpan<byte> frame, int at)
    {
        for (int labels = 0; labels < MostLabels && at + 4 < frame.Length; labels++)
        {
            bool last = (frame[at + 2] & 1) != 0;
            at += 4;
            if (last)
            {
                return (frame[at] >> 4) switch
                {
                    4 or 6 => at,
                    0 when at + 4 < frame.Length && LinkLayer.FindIpInEthernet(frame[(at + 4)..]) is >= 0 and int ip =>
                        at + 4 + ip,
                    _ => -1,
                };
            }
        }

        return -1;
    }

    private static bool IsSnap(ReadOnlySpan<byte> frame, int at) =>
        at + 8 <= frame.Length && frame[at..].StartsWith((ReadOnlySpan<byte>)[0xAA, 0xAA, 3, 0, 0, 0]);
}
