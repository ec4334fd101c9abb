using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// A captured piece of a TCP stream: a packet's payload, or a part of it where the packet is larger than a record, or
/// nothing but the
/// flags of a packet without payload that opens or ends a connection (SYN, FIN, RST). It is a view of the record's
/// memory, valid for the call that hands it over.
/// </summary>
internal readonly ref struct CapturedSegment
{
    private CapturedSegment(ReadOnlySpan<byte> record) => Record = record;

    /// <summary>The record as a whole: its header and payload, without the ring's slack behind them.</summary>
    public ReadOnlySpan<byte> Record { get; }

    /// <summary>The captured payload.</summary>
    public ReadOnlySpan<byte> Payload => Record[Unsafe.SizeOf<SegmentHeader>()..];

    /// <summary>CLOCK_MONOTONIC in nanoseconds.</summary>
    public long MonotonicNs => (long)Header.TimestampNs;

    /// <summary>
    /// The process that may have sent it (bpf/process.bpf.h): a candidate until its socket is found; 0 for none.
    /// </summary>
    public int CandidatePid => (int)(Header.PidTgid >> 32);

    /// <summary>The thread of <see cref="CandidatePid"/> that was current.</summary>
    public int CandidateTid => (int)Header.PidTgid;

    /// <summary>The interface that saw it.</summary>
    public int InterfaceIndex => (int)Header.Ifindex;

    /// <summary>Sent by this host?</summary>
    public bool IsOutgoing => (Header.Flags & SegmentFlags.Outgoing) != 0;

    /// <summary>Did the snap length cut the payload?</summary>
    public bool IsTruncated => (Header.Flags & SegmentFlags.Truncated) != 0;

    /// <summary>The TCP sequence number of the first payload byte.</summary>
    public uint Sequence => Header.Sequence;

    /// <summary>The packet's TCP acknowledgment number.</summary>
    public uint Acknowledgment => Header.Acknowledgment;

    /// <summary>
    /// The TCP flags: FIN 1, SYN 2, RST 4, PSH 8, ACK 16. Of a packet in several records the first has its SYN, the
    /// last its FIN, RST and PSH.
    /// </summary>
    public byte TcpFlags => Header.TcpFlags;

    /// <summary>
    /// Payload bytes on the wire; more than <see cref="Payload"/> holds when truncated. 0: the packet had none.
    /// </summary>
    public int Length => (int)Header.Length;

    /// <summary>4 or 6.</summary>
    public int IpVersion => Header.IpVersion;

    /// <summary>The sender's address in network order: 4 or 16 bytes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> SourceAddress => AddressOf(in Header.SourceAddress);

    /// <summary>The receiver's address in network order: 4 or 16 bytes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> DestinationAddress => AddressOf(in Header.DestinationAddress);

    /// <summary>The sender's TCP port.</summary>
    public ushort SourcePort => Header.SourcePort;

    /// <summary>The receiver's TCP port.</summary>
    public ushort DestinationPort => Header.DestinationPort;

    /// <summary>The sender's address as an object; allocates.</summary>
    public IPEndPoint Source => new(new IPAddress(SourceAddress), SourcePort);

    /// <summary>The receiver's address as an object; allocates.</summary>
    public IPEndPoint Destination => new(new IPAddress(DestinationAddress), DestinationPort);

    // The constructor's caller saw that the record has a header. A field for it would make the struct one third larger,
    // and it is handed on by memory for each segment.
    private ref readonly SegmentHeader Header =>
        ref Unsafe.As<byte, SegmentHeader>(ref MemoryMarshal.GetReference(Record));

    /// <summary>Reads a record where it lies.</summary>
    /// <exception cref="InvalidDataException">
    /// The record is shorter than it says: the agent and its filter do not belong together.
    /// </exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CapturedSegment Read(ReadOnlySpan<byte> record)
    {
        int payload = record.Length - Unsafe.SizeOf<SegmentHeader>();
        if (payload < 0)
        {
            ThrowShort(record.Length);
        }
        uint captured = new CapturedSegment(record).Header.Captured;
        if (captured > (uint)payload)
        {
            ThrowShort(record.Length, captured);
        }
        return new CapturedSegment(record[..(Unsafe.SizeOf<SegmentHeader>() + (int)captured)]);
    }

    [DoesNotReturn]
    private static void ThrowShort(int length) =>
        throw new InvalidDataException($"a record of {length} bytes is shorter than its header");

    [DoesNotReturn]
    private static void ThrowShort(int length, uint captured) =>
        throw new InvalidDataException($"a record of {length} bytes claims {captured} bytes of payload");

    private ReadOnlySpan<byte> AddressOf(ref readonly SegmentHeader.AddressBytes address) =>
        MemoryMarshal.CreateReadOnlySpan(
            in Unsafe.As<SegmentHeader.AddressBytes, byte>(ref Unsafe.AsRef(in address)),
            IpVersion == 4 ? 4 : 16
        );
}
