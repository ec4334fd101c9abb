using System.Buffers.Binary;

namespace Ocx.Cli.Pcap;

/// <summary>The classic format (draft-ietf-opsawg-pcap): microseconds or nanoseconds, in either byte order.</summary>
internal sealed class PcapReader : CaptureReader
{
    private const uint Microseconds = 0xa1b2c3d4,
        Nanoseconds = 0xa1b23c4d,
        Modified = 0xa1b2cd34; // of old Linux systems: each record has an interface, a protocol and a packet type too
    private const int RestOfFileHeader = 20,
        RecordHeader = 16,
        ModifiedRecordHeader = 24;

    private readonly bool _bigEndian;
    private readonly int _nsPerFraction;
    private readonly int _recordHeader;
    private readonly LinkType _linkType;

    private PcapReader(CaptureInput input, uint magic, bool bigEndian)
        : base(input)
    {
        (_bigEndian, _nsPerFraction) = (bigEndian, magic == Nanoseconds ? 1 : 1000);
        _recordHeader = magic == Modified ? ModifiedRecordHeader : RecordHeader;
        if (!input.TryTake(RestOfFileHeader, out ReadOnlySpan<byte> header))
        {
            throw new CaptureFormatException("the file ends within its header");
        }

        // The upper half tells of frame check sequences, which stand behind what the packet's own length covers.
        _linkType = (LinkType)(UInt32(header[16..]) & 0xFFFF);
    }

    /// <summary>
    /// A reader for a file that begins with this number, read as little-endian; null when it is another format.
    /// </summary>
    public static PcapReader? ForMagic(uint magic, CaptureInput input)
    {
        uint swapped = BinaryPrimitives.ReverseEndianness(magic);
        return IsKnown(magic) ? new PcapReader(input, magic, bigEndian: false)
            : IsKnown(swapped) ? new PcapReader(input, swapped, bigEndian: true)
            : null;
    }

    /// <inheritdoc/>
    public override bool TryRead(out CapturedPacket packet)
    {
        packet = default;
        if (!Input.TryTakeNext(_recordHeader, out ReadOnlySpan<byte> header))
        {
            return false;
        }

        uint captured = UInt32(header[8..]),
            original = UInt32(header[12..]);
        long time = Clamp(((Int128)UInt32(header) * 1_000_000_000) + ((Int128)UInt32(header[4..]) * _nsPerFraction));
        if (captured > CaptureInput.LongestRecord)
        {
            throw TooLong(captured);
        }

        if (!Input.TryTake((int)captured, out ReadOnlySpan<byte> data))
        {
            return false;
        }

        packet = new CapturedPacket
        {
            LinkType = _linkType,
            TimestampUnixNs = time,
            OriginalLength = original,
            Data = data,
        };
        return true;
    }

    private uint UInt32(ReadOnlySpan<byte> at) =>
        _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);

    private static bool IsKnown(uint magic) => magic is Microseconds or Nanoseconds or Modified;
}
