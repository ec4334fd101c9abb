using System.Buffers.Binary;

namespace Ocx.Cli.Pcap;

/// <summary>An interface of a pcapng section: what its packets begin with, and what its clock counts.</summary>
/// <param name="LinkType">What a packet begins with.</param>
/// <param name="SnapLength">Bytes kept of a packet; 0 for all.</param>
/// <param name="Resolution">
/// The option if_tsresol: a negative power of ten, or of two when the highest bit is set.
/// </param>
/// <param name="OffsetSeconds">The option if_tsoffset.</param>
internal readonly record struct CaptureInterface(
    LinkType LinkType,
    uint SnapLength,
    byte Resolution,
    long OffsetSeconds
)
{
    private const ushort EndOfOptions = 0,
        TimeResolution = 9,
        TimeOffset = 14;
    private const byte Microseconds = 6;

    /// <summary>
    /// Reads the body of an interface description block; options that are damaged end the list of them.
    /// </summary>
    public static CaptureInterface Read(ReadOnlySpan<byte> body, bool bigEndian)
    {
        var found = new CaptureInterface(
            (LinkType)UInt16(body),
            bigEndian
                ? BinaryPrimitives.ReadUInt32BigEndian(body[4..])
                : BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            Microseconds,
            0
        );
        for (ReadOnlySpan<byte> options = body[8..]; options.Length >= 4; )
        {
            ushort code = UInt16(options),
                length = UInt16(options[2..]);
            int padded = 4 + ((length + 3) & ~3);
            if (code == EndOfOptions || padded > options.Length)
            {
                break;
            }

            ReadOnlySpan<byte> value = options.Slice(4, length);
            found = code switch
            {
                TimeResolution when length == 1 => found with { Resolution = value[0] },
                TimeOffset when length == 8 => found with
                {
                    OffsetSeconds = bigEndian
                        ? BinaryPrimitives.ReadInt64BigEndian(value)
                        : BinaryPrimitives.ReadInt64LittleEndian(value),
                },
                _ => found,
            };
            options = options[padded..];
        }

        return found;

        ushort UInt16(ReadOnlySpan<byte> at) =>
            bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
    }

    /// <summary>Nanoseconds since the Unix epoch; exact, and beyond 64 bits where the file says so.</summary>
    public Int128 ToUnixNs(ulong ticks)
    {
        const int Nano = 9;
        int power = Resolution & 0x7F;
        Int128 ns =
            (Resolution & 0x80) != 0 ? ((Int128)ticks * 1_000_000_000) >> power
            : power <= Nano ? (Int128)ticks * PowerOfTen(Nano - power)
            : power - Nano < 20 ? (Int128)ticks / PowerOfTen(power - Nano)
            : 0;
        return ns + ((Int128)OffsetSeconds * 1_000_000_000);
    }

    private static Int128 PowerOfTen(int power)
    {
        Int128 result = 1;
        for (int i = 0; i < power; i++)
        {
            result *= 10;
        }

        return result;
    }
}
