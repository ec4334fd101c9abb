using System.Buffers.Binary;

namespace Ocx.Cli.Pcap;

/// <summary>
/// Finds the IP packet that another IP packet carries: IP in IP (RFC 2003, 2473, 4213), GRE (RFC 2784, 2890) with
/// Ethernet, MPLS or ERSPAN inside, EtherIP (RFC 3378), MPLS (RFC 4023, 7510), VXLAN (RFC 7348) and Geneve (RFC 8926).
/// </summary>
internal static class Tunnels
{
    /// <summary>Tunnels in tunnels that are followed.</summary>
    public const int MaxDepth = 4;

    private const byte IPv4 = 4,
        Udp = 17,
        IPv6 = 41,
        Gre = 47,
        EtherIp = 97,
        Mpls = 137;

    // The registered ones, and 8472, which Linux took before VXLAN had one and flannel and Cilium still use.
    private const ushort VxlanPort = 4789,
        VxlanPortOfLinux = 8472,
        GenevePort = 6081,
        MplsPort = 6635;

    /// <summary>
    /// The offset of the inner IP header in the payload of an IP packet with this protocol; -1 when it is no tunnel
    /// that is known.
    /// </summary>
    public static int FindIp(byte protocol, ReadOnlySpan<byte> payload) =>
        protocol switch
        {
            IPv4 or IPv6 => 0,
            Gre => InGre(payload),
            Udp => InUdp(payload),
            EtherIp => InEthernet(payload, 2),
            Mpls => EtherTypes.FindIp(EtherTypes.Mpls, payload, 0),
            _ => -1,
        };

    private static int InUdp(ReadOnlySpan<byte> udp)
    {
        const int header = 8;
        if (udp.Length < header + 8)
        {
            return -1;
        }

        switch (BinaryPrimitives.ReadUInt16BigEndian(udp[2..]))
        {
            case VxlanPort or VxlanPortOfLinux when (udp[header] & 8) != 0: // its identifier is valid
                return InEthernet(udp, header + 8);
            case GenevePort when udp[header] >> 6 == 0: // the only version
                int at = header + 8 + ((udp[header] & 63) * 4);
                return Named(BinaryPrimitives.ReadUInt16BigEndian(udp[(header + 2)..]), udp, at);
            case MplsPort:
                return EtherTypes.FindIp(EtherTypes.Mpls, udp, header);
            default:
                return -1;
        }
    }

    private static int InGre(ReadOnlySpan<byte> gre)
    {
        const ushort erspan = 0x88BE,
            erspan3 = 0x22EB;
        if (gre.Length < 4)
        {
            return -1;
        }

        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(gre),
            type = BinaryPrimitives.ReadUInt16BigEndian(gre[2..]);
        bool sequence = (flags & 0x1000) != 0;
        if ((flags & 0x4007) != 0)
        {
            return -1; // source routes, or another version
        }

        // Checksum, key and sequence number are four bytes each.
        int at = 4 + ((flags & 0x8000) != 0 ? 4 : 0) + ((flags & 0x2000) != 0 ? 4 : 0) + (sequence ? 4 : 0);
        return type switch
        {
            erspan => InEthernet(gre, at + (sequence ? 8 : 0)), // type II has a header, type I has neither
            erspan3 when at + 12 <= gre.Length => InEthernet(gre, at + 12 + ((gre[at + 11] & 1) != 0 ? 8 : 0)),
            _ => Named(type, gre, at),
        };
    }

    private static int Named(ushort type, ReadOnlySpan<byte> data, int at) =>
        type == EtherTypes.TransparentEthernet ? InEthernet(data, at) : EtherTypes.FindIp(type, data, at);

    private static int InEthernet(ReadOnlySpan<byte> data, int at) =>
        at < data.Length && LinkLayer.FindIpInEthernet(data[at..]) is >= 0 and int ip ? at + ip : -1;
}
