using System.Buffers.Binary;

namespace Ocx.Cli.Pcap;

/// <summary>Reads the packets of a capture file, one after the other.</summary>
internal abstract class CaptureReader(CaptureInput input)
{
    // Far from the ends of what nanoseconds in 64 bits can say, so that sums of times do not overflow: the year 2223.
    private const long LatestUnixNs = 8_000_000_000_000_000_000;

    /// <summary>Did the file end in the middle of something?</summary>
    public bool IsCut => Input.IsCut;

    /// <summary>The file.</summary>
    protected CaptureInput Input { get; } = input;

    /// <summary>Tells the format of a file by its first bytes; one that is compressed is read as it is.</summary>
    /// <exception cref="CaptureFormatException">It is no capture file.</exception>
    public static CaptureReader Open(Stream stream)
    {
        var input = new CaptureInput(Compression.Open(stream));
        ReadOnlySpan<byte> magic = input.Take(4);
        if (magic.Length < 4)
        {
            throw new CaptureFormatException(
                magic.IsEmpty ? "the input is empty" : "the input is too short to be a capture file"
            );
        }

        uint number = BinaryPrimitives.ReadUInt32LittleEndian(magic);
        return number == PcapNgReader.SectionHeader
            ? new PcapNgReader(input)
            : PcapReader.ForMagic(number, input)
                ?? throw new CaptureFormatException("the input is neither pcap nor pcapng");
    }

    /// <summary>Reads the next packet.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="CaptureFormatException">What comes next is no packet.</exception>
    public abstract bool TryRead(out CapturedPacket packet);

    /// <summary>A time that later arithmetic can take.</summary>
    protected static long Clamp(Int128 unixNs) => (long)Int128.Clamp(unixNs, 0, LatestUnixNs);

    /// <summary>The complaint about a length that no packet has.</summary>
    protected CaptureFormatException TooLong(uint length) =>
        new($"at byte {Input.Position}: a record of {length} bytes, more than any packet has; the file is damaged");
}
