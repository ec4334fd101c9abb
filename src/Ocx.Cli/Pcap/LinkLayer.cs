using System.Buffers.Binary;

namespace Ocx.Cli.Pcap;

/// <summary>Finds the IP packet in what was captured of a frame.</summary>
internal static class LinkLayer
{
    private const ushort IPv4 = 0x0800,
        IPv6 = 0x86DD;

    // 802.1Q, 802.1ad and its forerunner.
    private const ushort Vlan = 0x8100,
        ServiceVlan = 0x88A8,
        OldServiceVlan = 0x9100;
    private const int MostVlanTags = 4;

    /// <summary>Is this link type read at all?</summary>
    public static bool IsKnown(LinkType type) => Enum.IsDefined(type);

    /// <summary>The offset of the IP header; -1 when the frame carries something else, or too little of it.</summary>
    public static int FindIp(LinkType type, ReadOnlySpan<byte> frame) =>
        type switch
        {
            LinkType.Raw or LinkType.RawBsd or LinkType.RawOpenBsd or LinkType.IPv4 or LinkType.IPv6 => 0,
            // Which family stands there does not matter: the packet's own first four bits tell.
            LinkType.Null or LinkType.Loop => frame.Length > 4 ? 4 : -1,
            LinkType.Ethernet => FollowTags(frame, 12),
            LinkType.LinuxSll => FollowTags(frame, 14),
            LinkType.LinuxSll2 when frame.Length > 20 => BinaryPrimitives.ReadUInt16BigEndian(frame) switch
            {
                IPv4 or IPv6 => 20,
                Vlan or ServiceVlan or OldServiceVlan => FollowTags(frame, 22),
                _ => -1,
            },
            _ => -1,
        };

    // From the place of the first protocol number.
    private static int FollowTags(ReadOnlySpan<byte> frame, int at)
    {
        for (int tags = 0; tags <= MostVlanTags && at + 2 <= frame.Length; tags++, at += 4)
        {
            switch (BinaryPrimitives.ReadUInt16BigEndian(frame[at..]))
            {
                case IPv4 or IPv6:
                    return at + 2;
                case Vlan or ServiceVlan or OldServiceVlan:
                    break;
                default:
                    return -1;
            }
        }

        return -1;
    }
}
