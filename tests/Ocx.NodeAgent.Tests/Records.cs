using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Tests;

/// <summary>Ring buffer records as the filter writes them, with slack behind the payload.</summary>
internal static class Records
{
    public static byte[] Ipv4(ReadOnlySpan<byte> payload, SegmentFlags flags = SegmentFlags.None, int cut = 0)
    {
        var header = new SegmentHeader
        {
            TimestampNs = 1_500_000_000,
            Ifindex = 1,
            Sequence = 4_000_000_000,
            Acknowledgment = 7,
            Length = (uint)(payload.Length + cut),
            Captured = (uint)payload.Length,
            SourcePort = 54321,
            DestinationPort = 8080,
            IpVersion = 4,
            TcpFlags = 0x18,
            Flags = flags,
        };
        new byte[] { 10, 0, 1, 5 }.CopyTo(MemoryMarshal.AsBytes(new Span<SegmentHeader.AddressBytes>(ref header.SourceAddress)));
        new byte[] { 10, 0, 1, 10 }.CopyTo(MemoryMarshal.AsBytes(new Span<SegmentHeader.AddressBytes>(ref header.DestinationAddress)));
        var record = new byte[Unsafe.SizeOf<SegmentHeader>() + payload.Length + 37];
        MemoryMarshal.Write(record, in header);
        payload.CopyTo(record.AsSpan(Unsafe.SizeOf<SegmentHeader>()));
        return record;
    }
}
