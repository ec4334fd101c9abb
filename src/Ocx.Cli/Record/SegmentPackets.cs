using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ocx.Cli.Record;

/// <summary>
/// Makes IP packets of captured segments. Ports, addresses, sequence numbers and payload are those of the wire; the
/// rest of the headers, which the agent does not pass on, is made up: the acknowledgment is what was seen of the other
/// direction.
/// </summary>
internal sealed class SegmentPackets
{
    // What fits into an IPv4 packet's 16 bits of length. Captured segments can be larger: cards put them together.
    private const int LongestPayload = 65_000;
    private const int IPv4Header = 20,
        IPv6Header = 40,
        TcpHeader = 20,
        MostDirections = 65_536;
    private const byte Tcp = 6,
        HopLimit = 64,
        Ack = 0x10,
        Push = 0x08;

    private readonly Dictionary<(IPEndPoint From, IPEndPoint To), uint> _next = [];

    /// <summary>Makes the packets of a segment, one or, where it is too long for one, several.</summary>
    /// <returns>Each with the length that it had on the wire.</returns>
    public IEnumerable<(byte[] Packet, int OriginalLength)> Of(RecordedSegment segment)
    {
        uint acknowledgment = _next.GetValueOrDefault((segment.Destination, segment.Source));
        for (int at = 0; at < segment.Length || at == 0; at += LongestPayload)
        {
            int length = Math.Min(LongestPayload, segment.Length - at);
            ReadOnlySpan<byte> payload =
                at < segment.Payload.Length
                    ? segment.Payload.AsSpan(at, Math.Min(length, segment.Payload.Length - at))
                    : [];
            byte[] packet = Make(segment, segment.Sequence + (uint)at, acknowledgment, payload, length);
            yield return (packet, packet.Length - payload.Length + length);
        }

        if (_next.Count >= MostDirections)
        {
            _next.Clear();
        }

        _next[(segment.Source, segment.Destination)] = segment.Sequence + (uint)segment.Length;
    }

    private static byte[] Make(
        RecordedSegment segment,
        uint sequence,
        uint acknowledgment,
        ReadOnlySpan<byte> payload,
        int length
    )
    {
        bool v4 = segment.Source.AddressFamily == AddressFamily.InterNetwork;
        int header = v4 ? IPv4Header : IPv6Header;
        byte[] packet = new byte[header + TcpHeader + payload.Length];
        Span<byte> ip = packet.AsSpan(0, header),
            tcp = packet.AsSpan(header);
        Span<byte> addresses = v4 ? ip[12..] : ip[8..];
        segment.Source.Address.TryWriteBytes(addresses, out int size);
        segment.Destination.Address.TryWriteBytes(addresses[size..], out _);
        if (v4)
        {
            ip[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(IPv4Header + TcpHeader + length));
            (ip[6], ip[8], ip[9]) = (0x40, HopLimit, Tcp);
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Fold(Sum(0, ip)));
        }
        else
        {
            ip[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(TcpHeader + length));
            (ip[6], ip[7]) = (Tcp, HopLimit);
        }

        BinaryPrimitives.WriteUInt16BigEndian(tcp, (ushort)segment.Source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], (ushort)segment.Destination.Port);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], acknowledgment);
        (tcp[12], tcp[13]) = (TcpHeader / 4 << 4, Ack | Push);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], ushort.MaxValue);
        payload.CopyTo(tcp[TcpHeader..]);
        // The pseudo header: both addresses, the protocol, and the length.
        uint sum = Sum(Tcp + (uint)(TcpHeader + length), addresses[..(2 * size)]);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], Fold(Sum(sum, tcp)));
        return packet;
    }

    private static uint Sum(uint sum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 2; bytes = bytes[2..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        }

        return bytes.IsEmpty ? sum : sum + (uint)(bytes[0] << 8);
    }

    private static ushort Fold(uint sum)
    {
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~((sum & 0xFFFF) + (sum >> 16));
    }
}
