using System.Buffers.Binary;
using Ocx.Mcp.Tcp;

namespace Ocx.McpBench;

/// <summary>Writes a session as a pcap file of raw IPv4 packets, for the peer to read.</summary>
internal static class Pcap
{
    private const int LinkTypeRawIp = 101;

    public static void Write(string path, Session session)
    {
        using FileStream file = File.Create(path);
        Span<byte> header = stackalloc byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xa1b2c3d4);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 65535);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], LinkTypeRawIp);
        file.Write(header);
        Span<byte> packet = stackalloc byte[16 + 40];
        uint microseconds = 0;
        foreach (Segment segment in session.Segments)
        {
            int length = 40 + segment.Payload.Length;
            packet.Clear();
            microseconds += 10;
            BinaryPrimitives.WriteUInt32LittleEndian(packet, 1_700_000_000 + (microseconds / 1_000_000));
            BinaryPrimitives.WriteUInt32LittleEndian(packet[4..], microseconds % 1_000_000);
            BinaryPrimitives.WriteInt32LittleEndian(packet[8..], length);
            BinaryPrimitives.WriteInt32LittleEndian(packet[12..], length);
            Span<byte> ip = packet[16..];
            ip[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)length);
            (ip[8], ip[9]) = (64, 6);
            segment.Source.ToIPAddress().TryWriteBytes(ip[12..], out _);
            segment.Destination.ToIPAddress().TryWriteBytes(ip[16..], out _);
            BinaryPrimitives.WriteUInt16BigEndian(ip[20..], segment.Source.Port);
            BinaryPrimitives.WriteUInt16BigEndian(ip[22..], segment.Destination.Port);
            BinaryPrimitives.WriteUInt32BigEndian(ip[24..], segment.Sequence);
            BinaryPrimitives.WriteUInt32BigEndian(ip[28..], segment.Acknowledgment);
            (ip[32], ip[33]) = (0x50, (byte)(TcpFlags.Ack) | 0x08);
            BinaryPrimitives.WriteUInt16BigEndian(ip[34..], 65535);
            file.Write(packet);
            file.Write(segment.Payload);
        }
    }
}
