using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Tests;

/// <summary>Ring buffer records as the filter writes them, with slack behind the payload.</summary>
internal static class Records
{
    /// <summary>A segment from the client at 10.0.1.5:54321 to the server at 10.0.1.10:8080.</summary>
    public static byte[] Ipv4(ReadOnlySpan<byte> payload, SegmentFlags flags = SegmentFlags.None, int cut = 0) =>
        Ipv4(payload, 4_000_000_000, 7, 1_500_000_000, reply: false, flags, cut);

    /// <summary>
    /// A request from the client as the first bytes of its connection, and the server's answer so much later.
    /// </summary>
    public static byte[][] Conversation(ReadOnlySpan<byte> request, ReadOnlySpan<byte> answer, TimeSpan later) =>
        [
            Ipv4(request, 1000, 5000, 1_500_000_000, reply: false),
            Ipv4(answer, 5000, 1000 + (uint)request.Length, 1_500_000_000 + (ulong)later.TotalNanoseconds, reply: true),
        ];

    /// <summary>A segment of a connection, now.</summary>
    public static byte[] Segment(ReadOnlySpan<byte> payload, uint sequence, uint acknowledgment, bool reply) =>
        Ipv4(payload, sequence, acknowledgment, (ulong)System.Diagnostics.Stopwatch.GetTimestamp(), reply);

    /// <summary>A packet without payload that opens a connection.</summary>
    public static byte[] Syn() => Ipv4([]);

    private static byte[] Ipv4(
        ReadOnlySpan<byte> payload,
        uint sequence,
        uint acknowledgment,
        ulong timestampNs,
        bool reply,
        SegmentFlags flags = SegmentFlags.None,
        int cut = 0
    )
    {
        ReadOnlySpan<byte> client = [10, 0, 1, 5],
            server = [10, 0, 1, 10];
        var header = new SegmentHeader
        {
            TimestampNs = timestampNs,
            Ifindex = 1,
            Sequence = sequence,
            Acknowledgment = acknowledgment,
            Length = (uint)(payload.Length + cut),
            Captured = (uint)payload.Length,
            SourcePort = reply ? (ushort)8080 : (ushort)54321,
            DestinationPort = reply ? (ushort)54321 : (ushort)8080,
            IpVersion = 4,
            TcpFlags = 0x18,
            Flags = flags,
        };
        (reply ? server : client).CopyTo(
            MemoryMarshal.AsBytes(new Span<SegmentHeader.AddressBytes>(ref header.SourceAddress))
        );
        (reply ? client : server).CopyTo(
            MemoryMarshal.AsBytes(new Span<SegmentHeader.AddressBytes>(ref header.DestinationAddress))
        );
        var record = new byte[Unsafe.SizeOf<SegmentHeader>() + payload.Length + 37];
        MemoryMarshal.Write(record, in header);
        payload.CopyTo(record.AsSpan(Unsafe.SizeOf<SegmentHeader>()));
        return record;
    }
}
