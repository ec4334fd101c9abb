using System.Buffers.Binary;
using Ocx.Mcp.Tcp;

namespace Ocx.Cli.Pcap;

/// <summary>What a captured packet turned out to be.</summary>
internal enum PacketKind
{
    /// <summary>A TCP segment.</summary>
    Segment,

    /// <summary>Whole, and no TCP over IP: ARP, UDP, ….</summary>
    Other,

    /// <summary>A fragment of an IP packet; it is not put together again.</summary>
    Fragment,

    /// <summary>Headers that contradict themselves, or were cut.</summary>
    Malformed,

    /// <summary>A link type that is not read.</summary>
    UnknownLink,
}

/// <summary>From a captured packet to its TCP segment.</summary>
internal static class SegmentParser
{
    private const byte Tcp = 6,
        HopByHop = 0,
        Routing = 43,
        FragmentHeader = 44,
        Authentication = 51,
        DestinationOptions = 60,
        Mobility = 135;
    private const int MostExtensionHeaders = 8,
        IPv6Header = 40,
        TcpHeader = 20;
    private const TcpFlags Known = TcpFlags.Fin | TcpFlags.Syn | TcpFlags.Rst | TcpFlags.Ack;

    /// <summary>Reads a packet; the segment's payload is the packet's memory.</summary>
    public static PacketKind Parse(in CapturedPacket packet, out TcpSegment segment)
    {
        segment = default;
        if (!LinkLayer.IsKnown(packet.LinkType))
        {
            return PacketKind.UnknownLink;
        }

        int offset = LinkLayer.FindIp(packet.LinkType, packet.Data);
        if (offset < 0 || offset >= packet.Data.Length)
        {
            return PacketKind.Other;
        }

        ReadOnlySpan<byte> ip = packet.Data[offset..];
        long onWire = Math.Max(packet.OriginalLength - offset, ip.Length);
        return ParseIp(ip, new Captured(onWire, packet.TimestampUnixNs, Depth: 0), out segment);
    }

    private static PacketKind ParseIp(ReadOnlySpan<byte> ip, Captured captured, out TcpSegment segment)
    {
        segment = default;
        return (ip[0] >> 4) switch
        {
            4 => ParseIPv4(ip, captured, out segment),
            6 => ParseIPv6(ip, captured, out segment),
            _ => PacketKind.Other,
        };
    }

    // What is no TCP may carry another IP packet.
    private static PacketKind ParseInner(
        byte protocol,
        ReadOnlySpan<byte> ip,
        int at,
        Captured captured,
        out TcpSegment segment
    )
    {
        segment = default;
        int inner = at < ip.Length && captured.Depth < Tunnels.MaxDepth ? Tunnels.FindIp(protocol, ip[at..]) : -1;
        return inner < 0 || at + inner >= ip.Length
            ? PacketKind.Other
            : ParseIp(
                ip[(at + inner)..],
                captured with
                {
                    OnWire = captured.OnWire - at - inner,
                    Depth = captured.Depth + 1,
                },
                out segment
            );
    }

    private static PacketKind ParseIPv4(ReadOnlySpan<byte> ip, Captured captured, out TcpSegment segment)
    {
        segment = default;
        int header = (ip[0] & 15) * 4;
        if (ip.Length < 20 || header < 20)
        {
            return PacketKind.Malformed;
        }

        int fragment = BinaryPrimitives.ReadUInt16BigEndian(ip[6..]) & 0x3FFF;
        if (ip[9] != Tcp)
        {
            // The first fragment of a tunnel's packet tells what is in it, and that the rest is missing.
            return (fragment & 0x1FFF) != 0 ? PacketKind.Other : ParseInner(ip[9], ip, header, captured, out segment);
        }

        if (fragment != 0)
        {
            return PacketKind.Fragment;
        }

        // Zero in packets that the network card was to cut into pieces.
        int total = BinaryPrimitives.ReadUInt16BigEndian(ip[2..]);
        long length = total == 0 ? captured.OnWire : total;
        return ParseTcp(ip, header, length, ip.Slice(12, 4), ip.Slice(16, 4), captured.Time, out segment);
    }

    private static PacketKind ParseIPv6(ReadOnlySpan<byte> ip, Captured captured, out TcpSegment segment)
    {
        segment = default;
        if (ip.Length < IPv6Header)
        {
            return PacketKind.Malformed;
        }

        int at = IPv6Header,
            next = ip[6];
        for (int headers = 0; next != Tcp; headers++)
        {
            if (next is not (HopByHop or Routing or DestinationOptions or Mobility or Authentication or FragmentHeader))
            {
                return ParseInner((byte)next, ip, at, captured, out segment);
            }

            if (headers == MostExtensionHeaders || at + 8 > ip.Length)
            {
                return PacketKind.Malformed;
            }

            // The lowest bit says that more fragments follow; an atomic fragment has neither that nor an offset.
            if (next == FragmentHeader && (BinaryPrimitives.ReadUInt16BigEndian(ip[(at + 2)..]) & 0xFFF9) != 0)
            {
                return PacketKind.Fragment;
            }

            int length = next switch
            {
                FragmentHeader => 8,
                Authentication => (ip[at + 1] + 2) * 4,
                _ => (ip[at + 1] + 1) * 8,
            };
            next = ip[at];
            at += length;
        }

        // Zero in jumbograms.
        int payload = BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);
        long total = payload == 0 ? captured.OnWire : IPv6Header + payload;
        return ParseTcp(ip, at, total, ip.Slice(8, 16), ip.Slice(24, 16), captured.Time, out segment);
    }

    private static PacketKind ParseTcp(
        ReadOnlySpan<byte> ip,
        int at,
        long total,
        ReadOnlySpan<byte> source,
        ReadOnlySpan<byte> destination,
        long time,
        out TcpSegment segment
    )
    {
        segment = default;
        if (at + TcpHeader > ip.Length)
        {
            return PacketKind.Malformed;
        }

        ReadOnlySpan<byte> tcp = ip[at..];
        int header = (tcp[12] >> 4) * 4;
        long length = total - at - header;
        if (header < TcpHeader || length is < 0 or > CaptureInput.LongestRecord)
        {
            return PacketKind.Malformed;
        }

        ReadOnlySpan<byte> payload = header < tcp.Length ? tcp[header..] : [];
        segment = new TcpSegment
        {
            TimestampUnixNs = time,
            Source = IpEndpoint.From(source, BinaryPrimitives.ReadUInt16BigEndian(tcp)),
            Destination = IpEndpoint.From(destination, BinaryPrimitives.ReadUInt16BigEndian(tcp[2..])),
            Sequence = BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]),
            Acknowledgment = BinaryPrimitives.ReadUInt32BigEndian(tcp[8..]),
            Flags = (TcpFlags)tcp[13] & Known,
            Length = (int)length,
            // What lies behind the segment is padding of the frame.
            Payload = payload.Length > length ? payload[..(int)length] : payload,
        };
        return PacketKind.Segment;
    }

    // Of an IP packet: its bytes before the capture cut it, when it was captured (nanoseconds since the Unix epoch),
    // and the tunnels that it is in.
    private readonly record struct Captured(long OnWire, long Time, int Depth);
}
