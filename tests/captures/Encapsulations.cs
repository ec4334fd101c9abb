using System.Buffers.Binary;

namespace Ocx.Tests.Captures;

/// <summary>What an IPv4 packet is put into, on links and in tunnels.</summary>
internal static class Encapsulations
{
    private static readonly byte[] s_macs = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];

    /// <summary>Those of <see cref="Tunnels"/> that the filter opens, too: what pod networks use.</summary>
    public static IReadOnlyList<string> OfPodNetworks { get; } =
    [
        "ipip",
        "sit",
        "ip4ip6",
        "gre",
        "gre key, checksum, sequence",
        "gretap",
        "vxlan",
        "vxlan of flannel",
        "vxlan with a tag inside",
        "geneve",
        "geneve with options",
        "geneve without ethernet",
        "vxlan over ipv6",
    ];

    /// <summary>IP packets that carry others, by what the kernel's tunnels are called.</summary>
    public static IReadOnlyDictionary<string, Func<byte[], byte[]>> Tunnels { get; } =
        new Dictionary<string, Func<byte[], byte[]>>
        {
            ["ipip"] = ip => Outer(4, ip),
            ["sit"] = ip => Outer(41, AsIPv6(ip)),
            ["ip4ip6"] = ip => Outer6(4, ip),
            ["gre"] = ip => Outer(47, [0, 0, 8, 0, .. ip]),
            ["gre key, checksum, sequence"] = ip => Outer(47, [0xB0, 0, 8, 0, .. new byte[12], .. ip]),
            ["gretap"] = ip => Outer(47, [0, 0, 0x65, 0x58, .. Ethernet(ip)]),
            ["erspan"] = ip => Outer(47, [0x10, 0, 0x88, 0xBE, .. new byte[4], .. new byte[8], .. Ethernet(ip)]),
            ["erspan 1"] = ip => Outer(47, [0, 0, 0x88, 0xBE, .. Ethernet(ip)]),
            ["erspan 3"] = ip => Outer(47, [0x10, 0, 0x22, 0xEB, .. new byte[4], .. new byte[12], .. Ethernet(ip)]),
            ["mpls in gre"] = ip => Outer(47, [0, 0, 0x88, 0x47, 0, 1, 0x01, 64, .. ip]),
            ["etherip"] = ip => Outer(97, [0x30, 0, .. Ethernet(ip)]),
            ["mpls"] = ip => Outer(137, [0, 1, 0x00, 64, 0, 2, 0x01, 64, .. ip]),
            ["mpls in udp"] = ip => Udp(6635, [0, 1, 0x01, 64, .. ip]),
            ["vxlan"] = ip => Udp(4789, [8, 0, 0, 0, 0, 0, 42, 0, .. Ethernet(ip)]),
            ["vxlan of flannel"] = ip => Udp(8472, [8, 0, 0, 0, 0, 0, 1, 0, .. Ethernet(ip)]),
            ["vxlan with a tag inside"] = ip => Udp(4789, [8, 0, 0, 0, 0, 0, 42, 0, .. Tagged(ip)]),
            ["geneve"] = ip => Udp(6081, [0, 0, 0x65, 0x58, 0, 0, 42, 0, .. Ethernet(ip)]),
            ["geneve with options"] = ip => Udp(6081, [2, 0, 0x65, 0x58, 0, 0, 42, 0, .. new byte[8], .. Ethernet(ip)]),
            ["geneve without ethernet"] = ip => Udp(6081, [0, 0, 8, 0, 0, 0, 42, 0, .. ip]),
            ["vxlan over ipv6"] = ip => Outer6(17, UdpHeader(4789, [8, 0, 0, 0, 0, 0, 42, 0, .. Ethernet(ip)])),
            ["four deep"] = ip => Outer(4, Udp(4789, [8, 0, 0, 0, 0, 0, 1, 0, .. Ethernet(Outer(4, Outer(4, ip)))])),
        };

    /// <summary>Frames by the number of their link type.</summary>
    public static IReadOnlyDictionary<string, (int LinkType, Func<byte[], byte[]> Frame)> Links { get; } =
        new Dictionary<string, (int, Func<byte[], byte[]>)>
        {
            ["ppp"] = (9, ip => [0xFF, 3, 0, 0x21, .. ip]),
            ["ppp, compressed"] = (9, ip => [0x21, .. ip]),
            ["ppp hdlc"] = (50, ip => [0xFF, 3, 0, 0x21, .. ip]),
            ["pppoe link"] = (51, ip => [0x11, 0, 0, 1, .. Length(ip.Length + 2), 0, 0x21, .. ip]),
            ["pppoe on ethernet"] = (
                1,
                ip => [.. s_macs, 0x88, 0x64, 0x11, 0, 0, 1, .. Length(ip.Length + 2), 0, 0x21, .. ip]
            ),
            ["cisco hdlc"] = (104, ip => [0x0F, 0, 8, 0, .. ip]),
            ["enc"] = (109, ip => [.. new byte[12], .. ip]),
            ["pflog"] = (117, ip => [61, .. new byte[63], .. ip]),
            ["mpls link"] = (219, ip => [0, 1, 0x01, 64, .. ip]),
            ["mpls on ethernet"] = (1, ip => [.. s_macs, 0x88, 0x47, 0, 1, 0x00, 64, 0, 1, 0x01, 64, .. ip]),
            ["pseudowire"] = (1, ip => [.. s_macs, 0x88, 0x47, 0, 1, 0x01, 64, 0, 0, 0, 0, .. Ethernet(ip)]),
            ["snap"] = (1, ip => [.. s_macs, .. Length(ip.Length + 8), 0xAA, 0xAA, 3, 0, 0, 0, 8, 0, .. ip]),
            ["nflog"] = (239, ip => [2, 0, 0, 7, 8, 0, 1, 0, 8, 0, 1, 0, .. LittleEndian(ip.Length + 4), 9, 0, .. ip]),
            ["nflog, big-endian"] = (
                239,
                ip => [2, 0, 0, 7, 0, 8, 0, 1, 8, 0, 1, 0, .. Length(ip.Length + 4), 0, 9, .. ip]
            ),
            ["pktap"] = (258, ip => [16, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, .. Ethernet(ip)]),
            ["sll with a tag"] = (113, ip => [.. new byte[14], 0x81, 0, 0, 7, 8, 0, .. ip]),
            ["sll2 with labels"] = (276, ip => [0x88, 0x47, .. new byte[18], 0, 1, 0x01, 64, .. ip]),
        };

    /// <summary>
    /// An IPv4 packet as an IPv6 packet with extension headers (hop-by-hop and destination options) before its TCP
    /// segment.
    /// </summary>
    public static byte[] AsIPv6(byte[] ip)
    {
        byte[] tcp = ip[((ip[0] & 15) * 4)..BinaryPrimitives.ReadUInt16BigEndian(ip.AsSpan(2))];
        byte[] packet = new byte[40 + 16 + tcp.Length];
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(16 + tcp.Length));
        packet[7] = 64;
        packet[6] = 0;
        ip.AsSpan(12, 4).CopyTo(packet.AsSpan(20));
        ip.AsSpan(16, 4).CopyTo(packet.AsSpan(36));
        (packet[8], packet[24]) = (0xfd, 0xfd);
        (packet[40], packet[48]) = (60, 6);
        tcp.CopyTo(packet, 56);
        return packet;
    }

    private static byte[] Ethernet(byte[] ip) => [.. s_macs, 8, 0, .. ip];

    private static byte[] Tagged(byte[] ip) => [.. s_macs, 0x81, 0, 0, 7, 8, 0, .. ip];

    private static byte[] Udp(ushort port, byte[] data) => Outer(17, UdpHeader(port, data));

    private static byte[] UdpHeader(ushort port, byte[] data) =>
        [0xC0, 0, (byte)(port >> 8), (byte)port, .. Length(data.Length + 8), 0, 0, .. data];

    private static byte[] Outer(byte protocol, byte[] data) =>
        [0x45, 0, .. Length(20 + data.Length), 0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, .. data];

    private static byte[] Outer6(byte protocol, byte[] data) =>
        [0x60, 0, 0, 0, .. Length(data.Length), protocol, 64, .. new byte[32], .. data];

    private static byte[] Length(int length)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)length);
        return bytes;
    }

    private static byte[] LittleEndian(int length) => [.. Length(length).Reverse()];
}
