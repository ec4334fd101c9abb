using System.Buffers.Binary;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests;

/// <summary>Reads the pcap files under captures/: Ethernet, IPv4, TCP, as tcpdump writes them on lo.</summary>
public static class Captures
{
    private const int EthernetHeader = 14;
    private const uint Microseconds = 0xa1b2c3d4,
        Nanoseconds = 0xa1b23c4d;

    public delegate void SegmentAction(in TcpSegment segment);

    public static IEnumerable<byte[]> Packets(string name)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "captures", name + ".pcap"));
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(file);
        if (magic is not (Microseconds or Nanoseconds))
        {
            throw new InvalidDataException($"{name} is no pcap file of this byte order.");
        }

        for (int at = 24; at < file.Length; )
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
            Span<byte> fraction = file.AsSpan(at + 4);
            BinaryPrimitives.WriteUInt32LittleEndian(
                fraction,
                BinaryPrimitives.ReadUInt32LittleEndian(fraction) / (magic == Nanoseconds ? 1000U : 1)
            );
            yield return file[at..(at + 16 + length)];
            at += 16 + length;
        }
    }

    public static void Read(byte[] packet, SegmentAction take, bool controlSegments = true)
    {
        long timestamp =
            (BinaryPrimitives.ReadUInt32LittleEndian(packet) * 1_000_000_000L)
            + (BinaryPrimitives.ReadUInt32LittleEndian(packet.AsSpan(4)) * 1000L);
        ReadOnlySpan<byte> ip = packet.AsSpan(16 + EthernetHeader);
        ReadOnlySpan<byte> tcp = ip[((ip[0] & 15) * 4)..BinaryPrimitives.ReadUInt16BigEndian(ip[2..])];
        ReadOnlySpan<byte> payload = tcp[((tcp[12] >> 4) * 4)..];
        if (payload.IsEmpty && !controlSegments)
        {
            return;
        }

        take(
            new TcpSegment
            {
                TimestampUnixNs = timestamp,
                Source = IpEndpoint.From(ip.Slice(12, 4), BinaryPrimitives.ReadUInt16BigEndian(tcp)),
                Destination = IpEndpoint.From(ip.Slice(16, 4), BinaryPrimitives.ReadUInt16BigEndian(tcp[2..])),
                Sequence = BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]),
                Acknowledgment = BinaryPrimitives.ReadUInt32BigEndian(tcp[8..]),
                Flags = (TcpFlags)tcp[13] & (TcpFlags.Ack | TcpFlags.Fin | TcpFlags.Syn | TcpFlags.Rst),
                Length = payload.Length,
                Payload = payload,
            }
        );
    }
}
