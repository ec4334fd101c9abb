using System.Buffers.Binary;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>A TCP packet's bytes: where its data is, and its checksum.</summary>
internal readonly ref struct PacketView(Span<byte> packet)
{
    private const int ChecksumOffset = 16;

    private readonly Span<byte> _packet = packet;

    public bool IsIpv6 => _packet[0] >> 4 == 6;

    public Span<byte> Tcp => _packet[(IsIpv6 ? 40 : (_packet[0] & 0xF) * 4)..];

    public Span<byte> Data => Tcp[(Tcp[12] >> 4 << 2)..];

    public Span<byte> Source => _packet.Slice(IsIpv6 ? 8 : 12, IsIpv6 ? 16 : 4);

    public Span<byte> Destination => _packet.Slice(IsIpv6 ? 24 : 16, IsIpv6 ? 16 : 4);

    /// <summary>Computes the TCP checksum over the pseudo header and the segment (RFC 9293, 3.1).</summary>
    public void SetChecksum()
    {
        Span<byte> tcp = Tcp;
        tcp.Slice(ChecksumOffset, 2).Clear();
        ulong sum = (ulong)tcp.Length + 6 + Sum(Source) + Sum(Destination) + Sum(tcp);
        while (sum > 0xFFFF)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        BinaryPrimitives.WriteUInt16BigEndian(tcp[ChecksumOffset..], (ushort)~sum);
    }

    /// <summary>The answer to a packet: its ends changed, in sequence, with data and the flags PSH and ACK.</summary>
    public static byte[] Answer(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> data)
    {
        var question = new PacketView(packet.ToArray());
        int ip = question.IsIpv6 ? 40 : 20;
        byte[] bytes = new byte[ip + 20 + data.Length];
        packet[..ip].CopyTo(bytes);
        if (question.IsIpv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)(bytes.Length - ip));
        }
        else
        {
            // The kernel fills in the length and the checksum (raw(7)); the header has no options.
            bytes[0] = 0x45;
        }
        bytes[ip + 12] = 5 << 4;
        var answer = new PacketView(bytes);
        question.Destination.CopyTo(answer.Source);
        question.Source.CopyTo(answer.Destination);
        question.Tcp[2..4].CopyTo(answer.Tcp);
        question.Tcp[..2].CopyTo(answer.Tcp[2..]);
        question.Tcp[8..12].CopyTo(answer.Tcp[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(
            answer.Tcp[8..],
            BinaryPrimitives.ReadUInt32BigEndian(question.Tcp[4..]) + (uint)question.Data.Length
        );
        answer.Tcp[13] = 0x18;
        answer.Tcp[14] = 0xFF;
        data.CopyTo(answer.Data);
        answer.SetChecksum();
        return bytes;
    }

    /// <summary>A fragment of an IPv6 packet (RFC 8200, 4.5): some bytes from behind its header.</summary>
    public static byte[] Fragment(ReadOnlySpan<byte> packet, int offset, int length)
    {
        const int header = 40,
            fragmentHeader = 8;
        byte[] bytes = new byte[header + fragmentHeader + length];
        packet[..header].CopyTo(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)(fragmentHeader + length));
        bytes[header] = bytes[6];
        bytes[6] = 44;
        bool isLast = header + offset + length == packet.Length;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(header + 2), (ushort)(offset | (isLast ? 0 : 1)));
        bytes[header + 7] = 7;
        packet.Slice(header + offset, length).CopyTo(bytes.AsSpan(header + fragmentHeader));
        return bytes;
    }

    private static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        for (int index = 0; index < bytes.Length; index++)
        {
            sum += (ulong)bytes[index] << ((index & 1) == 0 ? 8 : 0);
        }
        return sum;
    }
}
