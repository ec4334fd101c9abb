using System.Buffers.Binary;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Packets;

/// <summary>
/// Changes a packet in a copy of it that is the gate's own. Each change leaves checksums that are right: the kernel
/// takes those of a packet that was given back changed as they are.
/// </summary>
internal static class TcpEdit
{
    /// <summary>Computes the checksum of a payload that was changed in place; false when the packet is none.</summary>
    /// <param name="packet">The whole IP packet.</param>
    public static bool Seal(Span<byte> packet)
    {
        if (!TcpPacket.TryParse(packet, out TcpPacket read))
        {
            return false;
        }

        SealTcp(packet, read.TcpOffset, read.PayloadOffset + read.Payload.Length);
        return true;
    }

    /// <summary>
    /// Cuts the payload, and with a part of it the FIN behind it. Returns the packet's new length, of which the rest is
    /// to be forgotten; 0 when it is none, or its payload is shorter.
    /// </summary>
    /// <param name="packet">The whole IP packet.</param>
    /// <param name="payloadLength">Payload bytes that stay.</param>
    public static int Shorten(Span<byte> packet, int payloadLength)
    {
        if (payloadLength < 0 || !TcpPacket.TryParse(packet, out TcpPacket read) || read.Payload.Length < payloadLength)
        {
            return 0;
        }

        (int tcp, int length) = (read.TcpOffset, read.PayloadOffset + payloadLength);
        if (payloadLength < read.Payload.Length)
        {
            packet[tcp + 13] &= unchecked((byte)~TcpFlags.Fin);
        }

        SetLength(packet, length);
        SealTcp(packet, tcp, length);
        return length;
    }

    /// <summary>
    /// Gives it a newer timestamp (RFC 7323, 3); false when it has none, or one that is as new. The checksum is not
    /// computed.
    /// </summary>
    /// <param name="packet">The whole IP packet.</param>
    /// <param name="timestamp">What the sender's clock said later.</param>
    public static bool Renew(Span<byte> packet, uint timestamp)
    {
        if (
            !TcpPacket.TryParse(packet, out TcpPacket read)
            || !read.TryGetTimestamps(out uint value, out _)
            || (int)unchecked(timestamp - value) <= 0
        )
        {
            return false;
        }

        BinaryPrimitives.WriteUInt32BigEndian(packet[read.TimestampOffset..], timestamp);
        return true;
    }

    private static void SetLength(Span<byte> packet, int length)
    {
        // A length that was 0 (GSO) is right from now on.
        if (packet[0] >> 4 == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(length > ushort.MaxValue ? 0 : length));
            SealIPv4(packet);
        }
        else
        {
            length -= 40;
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(length > ushort.MaxValue ? 0 : length));
        }
    }

    internal static void SealIPv4(Span<byte> packet)
    {
        packet[10] = packet[11] = 0;
        Span<byte> header = packet[..((packet[0] & 15) * 4)];
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], Checksum.Fold(Checksum.Add(0, header)));
    }

    internal static void SealTcp(Span<byte> packet, int tcp, int end)
    {
        packet[tcp + 16] = packet[tcp + 17] = 0;
        ushort sum = Checksum.OfTcp(packet, packet[tcp..end]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(tcp + 16)..], sum);
    }
}
