using System.Buffers.Binary;

namespace Ocx.Gate.Packets;

/// <summary>The Internet checksum (RFC 1071): the ones' complement sum of 16-bit words.</summary>
internal static class Checksum
{
    private const byte Tcp = 6;

    /// <summary>Adds bytes to a sum; only the last piece of what is summed may have an odd length.</summary>
    public static ulong Add(ulong sum, ReadOnlySpan<byte> bytes)
    {
        // Words of four bytes: their carries are folded in at the end, and a packet has too few to overflow.
        while (bytes.Length >= sizeof(uint))
        {
            sum += BinaryPrimitives.ReadUInt32BigEndian(bytes);
            bytes = bytes[sizeof(uint)..];
        }

        if (bytes.Length >= sizeof(ushort))
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
            bytes = bytes[sizeof(ushort)..];
        }

        return bytes.IsEmpty ? sum : sum + ((ulong)bytes[0] << 8);
    }

    /// <summary>The checksum of what was summed.</summary>
    public static ushort Fold(ulong sum)
    {
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    /// <summary>
    /// What TCP's checksum of a segment is, its own field included: 0 where the field has the right value (RFC 9293,
    /// 3.1).
    /// </summary>
    /// <param name="packet">The IP packet, for its addresses.</param>
    /// <param name="segment">The TCP header and payload.</param>
    public static ushort OfTcp(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> segment)
    {
        ReadOnlySpan<byte> addresses = packet[0] >> 4 == 4 ? packet[12..20] : packet[8..40];
        return Fold(Add(Add((ulong)segment.Length + Tcp, addresses), segment));
    }
}
