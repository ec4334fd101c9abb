using System.Buffers.Binary;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Packets;

/// <summary>What a packet of the gate's own is.</summary>
internal enum ReplyKind
{
    /// <summary>Bytes (PSH, ACK), or with none of them only an acknowledgment (ACK).</summary>
    Data,

    /// <summary>The sender's last bytes, or none (FIN, ACK).</summary>
    LastData,

    /// <summary>The connection is broken off (RST, ACK).</summary>
    Reset,
}

/// <summary>
/// Makes whole packets of the gate's own, as one end of a connection would send them: it speaks in the server's name to
/// the client, or in the client's to the server. Source and destination are both IPv4 or both IPv6.
/// </summary>
internal readonly record struct TcpReply
{
    /// <summary>The most that headers take: what a packet needs beside its payload.</summary>
    public const int LongestHeaders = 40 + 20 + TimestampsLength;

    /// <summary>The payload that fits IPv6's smallest packets (RFC 8200, 5), with timestamps.</summary>
    public const int SafePayload = 1208;

    private const int TimestampsLength = 12;
    private const byte Tcp = 6;
    private const byte Push = 8;
    private const byte HopLimit = 64;

    /// <summary>In whose name it is sent.</summary>
    public required IpEndpoint Source { get; init; }

    /// <summary>To whom.</summary>
    public required IpEndpoint Destination { get; init; }

    /// <summary>The sequence number of the first payload byte.</summary>
    public required uint Sequence { get; init; }

    /// <summary>What is acknowledged: the next byte that is awaited.</summary>
    public required uint Acknowledgment { get; init; }

    /// <summary>The window as it stands in the header, not scaled.</summary>
    public ushort Window { get; init; }

    /// <summary>The connection uses timestamps (RFC 7323), and these are to stand in the packet.</summary>
    public bool HasTimestamps { get; init; }

    /// <summary>TSval: the sender's clock, not before what it sent last.</summary>
    public uint Timestamp { get; init; }

    /// <summary>TSecr: what the other side's clock was last.</summary>
    public uint TimestampEcho { get; init; }

    /// <summary>Writes a packet, and returns its length.</summary>
    /// <param name="to">At least <see cref="LongestHeaders"/> bytes more than the payload.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="payload">The bytes that it carries; a reset has none.</param>
    public int Write(Span<byte> to, ReplyKind kind, ReadOnlySpan<byte> payload)
    {
        bool isIPv4 = Destination.IsIPv4;
        int tcp = isIPv4 ? 20 : 40,
            start = tcp + 20 + (HasTimestamps ? TimestampsLength : 0),
            length = start + payload.Length;
        Span<byte> packet = to[..length];
        packet[..start].Clear();
        payload.CopyTo(packet[start..]);
        WriteTcp(packet[tcp..start], kind, payload.IsEmpty);
        if (isIPv4)
        {
            WriteIPv4(packet);
        }
        else
        {
            WriteIPv6(packet);
        }

        TcpEdit.SealTcp(packet, tcp, length);
        return length;
    }

    private void WriteTcp(Span<byte> header, ReplyKind kind, bool isEmpty)
    {
        BinaryPrimitives.WriteUInt16BigEndian(header, Source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], Destination.Port);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], Acknowledgment);
        header[12] = (byte)(header.Length / 4 << 4);
        header[13] = (byte)(
            (byte)TcpFlags.Ack
            | kind switch
            {
                ReplyKind.Reset => (byte)TcpFlags.Rst,
                ReplyKind.LastData => (byte)((byte)TcpFlags.Fin | (isEmpty ? 0 : Push)),
                _ => isEmpty ? 0 : Push,
            }
        );
        BinaryPrimitives.WriteUInt16BigEndian(header[14..], Window);
        if (HasTimestamps)
        {
            // Two bytes of padding, then the option: as every system writes it (RFC 7323, appendix A).
            ReadOnlySpan<byte> option = [1, 1, 8, 10];
            option.CopyTo(header[20..]);
            BinaryPrimitives.WriteUInt32BigEndian(header[24..], Timestamp);
            BinaryPrimitives.WriteUInt32BigEndian(header[28..], TimestampEcho);
        }
    }

    private void WriteIPv4(Span<byte> packet)
    {
        const byte DoNotFragment = 0x40;
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[6] = DoNotFragment;
        packet[8] = HopLimit;
        packet[9] = Tcp;
        BinaryPrimitives.WriteUInt32BigEndian(packet[12..], (uint)Source.Address);
        BinaryPrimitives.WriteUInt32BigEndian(packet[16..], (uint)Destination.Address);
        TcpEdit.SealIPv4(packet);
    }

    private void WriteIPv6(Span<byte> packet)
    {
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - 40));
        packet[6] = Tcp;
        packet[7] = HopLimit;
        BinaryPrimitives.WriteUInt128BigEndian(packet[8..], Source.Address);
        BinaryPrimitives.WriteUInt128BigEndian(packet[24..], Destination.Address);
    }
}
