using System.Buffers.Binary;

namespace Ocx.Cli.Pcap;

/// <summary>
/// The newer format (draft-ietf-opsawg-pcapng): sections, each in its own byte order and with its own interfaces, each
/// of these with its own link type and clock. Packet blocks are read, simple and obsolete ones too; other blocks are
/// passed over.
/// </summary>
internal sealed class PcapNgReader : CaptureReader
{
    /// <summary>
    /// The type of the block that a section, and so the file, begins with; the same in either byte order.
    /// </summary>
    public const uint SectionHeader = 0x0A0D0D0A;

    private const uint InterfaceDescription = 1,
        ObsoletePacket = 2,
        SimplePacket = 3,
        EnhancedPacket = 6,
        ByteOrderMagic = 0x1A2B3C4D;
    private const int EnhancedHeader = 20,
        SimpleHeader = 4,
        Envelope = 12,
        MostInterfaces = 4096;

    private readonly List<CaptureInterface> _interfaces = [];
    private bool _bigEndian;
    private bool _begun;
    private long _lastTime;

    // The end of the block whose packet is lent out: passed over at the next read.
    private long _pending;

    /// <summary>A reader for a file whose first four bytes, the block type, were taken.</summary>
    public PcapNgReader(CaptureInput input)
        : base(input) { }

    /// <inheritdoc/>
    public override bool TryRead(out CapturedPacket packet)
    {
        packet = default;
        while (FinishBlock() && TryReadType(out uint type))
        {
            if (type == SectionHeader)
            {
                if (!TryReadSection())
                {
                    return false;
                }

                continue;
            }

            if (!Input.TryTake(4, out ReadOnlySpan<byte> size))
            {
                return false;
            }

            uint total = UInt32(size);
            if (total < Envelope || total % 4 != 0)
            {
                throw new CaptureFormatException(
                    $"at byte {Input.Position}: a block of {total} bytes; the file is damaged"
                );
            }

            uint body = total - Envelope;
            _pending = 4;
            switch (type)
            {
                case EnhancedPacket when body >= EnhancedHeader:
                    return TryReadEnhanced(body, out packet);
                case SimplePacket when body >= SimpleHeader:
                    return TryReadSimple(body, out packet);
                case InterfaceDescription when body >= 8:
                    if (!TryReadInterface(body))
                    {
                        return false;
                    }

                    break;
                case ObsoletePacket when body >= EnhancedHeader:
                    return TryReadEnhanced(body, out packet, obsolete: true);
                case EnhancedPacket or SimplePacket or ObsoletePacket or InterfaceDescription:
                    throw new CaptureFormatException(
                        $"at byte {Input.Position}: a block too short for its type; the file is damaged"
                    );
                default:
                    _pending += body;
                    break;
            }
        }

        return false;
    }

    private bool FinishBlock()
    {
        long rest = _pending;
        _pending = 0;
        return Input.TrySkip(rest);
    }

    private bool TryReadType(out uint type)
    {
        type = SectionHeader;
        if (!_begun)
        {
            return _begun = true;
        }

        bool more = Input.TryTakeNext(4, out ReadOnlySpan<byte> bytes);
        type = more ? UInt32(bytes) : 0;
        return more;
    }

    private bool TryReadSection()
    {
        if (!Input.TryTake(8, out ReadOnlySpan<byte> head))
        {
            return false;
        }

        _bigEndian = BinaryPrimitives.ReadUInt32BigEndian(head[4..]) == ByteOrderMagic;
        if (!_bigEndian && BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) != ByteOrderMagic)
        {
            throw new CaptureFormatException(
                $"at byte {Input.Position}: a section without its byte order; the file is damaged"
            );
        }

        uint total = UInt32(head);
        if (total < 28 || total % 4 != 0)
        {
            throw new CaptureFormatException(
                $"at byte {Input.Position}: a section header of {total} bytes; the file is damaged"
            );
        }

        _interfaces.Clear();
        _pending = total - 12;
        return true;
    }

    private bool TryReadInterface(uint body)
    {
        if (body > CaptureInput.LongestRecord)
        {
            throw TooLong(body);
        }

        if (_interfaces.Count >= MostInterfaces)
        {
            throw new CaptureFormatException(
                $"at byte {Input.Position}: more than {MostInterfaces} interfaces in a section"
            );
        }

        if (!Input.TryTake((int)body, out ReadOnlySpan<byte> block))
        {
            return false;
        }

        _interfaces.Add(CaptureInterface.Read(block, _bigEndian));
        return true;
    }

    // The obsolete block has the same places, but half of the interface's number counts dropped packets.
    private bool TryReadEnhanced(uint body, out CapturedPacket packet, bool obsolete = false)
    {
        packet = default;
        if (!Input.TryTake(EnhancedHeader, out ReadOnlySpan<byte> head))
        {
            return false;
        }

        uint index = obsolete ? UInt16(head) : UInt32(head),
            captured = UInt32(head[12..]),
            original = UInt32(head[16..]);
        ulong ticks = ((ulong)UInt32(head[4..]) << 32) | UInt32(head[8..]);
        if (index >= _interfaces.Count)
        {
            throw new CaptureFormatException(
                $"at byte {Input.Position}: a packet of interface {index}, which the file does not describe"
            );
        }

        _lastTime = Clamp(_interfaces[(int)index].ToUnixNs(ticks));
        return TryReadData(body - EnhancedHeader, captured, original, _interfaces[(int)index], out packet);
    }

    // A simple packet has no time of its own: the last one's is the nearest that is known.
    private bool TryReadSimple(uint body, out CapturedPacket packet)
    {
        packet = default;
        if (!Input.TryTake(SimpleHeader, out ReadOnlySpan<byte> head))
        {
            return false;
        }

        if (_interfaces.Count == 0)
        {
            throw new CaptureFormatException($"at byte {Input.Position}: a packet before any interface is described");
        }

        uint original = UInt32(head),
            room = body - SimpleHeader;
        uint snap = _interfaces[0].SnapLength == 0 ? uint.MaxValue : _interfaces[0].SnapLength;
        return TryReadData(room, Math.Min(Math.Min(original, snap), room), original, _interfaces[0], out packet);
    }

    private bool TryReadData(uint room, uint captured, uint original, CaptureInterface of, out CapturedPacket packet)
    {
        packet = default;
        if (captured > room || captured > CaptureInput.LongestRecord)
        {
            throw TooLong(captured);
        }

        if (!Input.TryTake((int)captured, out ReadOnlySpan<byte> data))
        {
            return false;
        }

        _pending += room - captured;
        packet = new CapturedPacket
        {
            LinkType = of.LinkType,
            TimestampUnixNs = _lastTime,
            OriginalLength = original,
            Data = data,
        };
        return true;
    }

    private uint UInt32(ReadOnlySpan<byte> at) =>
        _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);

    private ushort UInt16(ReadOnlySpan<byte> at) =>
        _bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
}
