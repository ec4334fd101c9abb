using System.Buffers.Binary;
using System.Text;

namespace Ocx.Cli.Tests;

/// <summary>
/// The recorded sessions of tests/Ocx.Mcp.Tests/captures, and the same packets in the other shapes that files have.
/// </summary>
internal static class CaptureFiles
{
    public const string Streamable = "ts-streamable";

    private const int FileHeader = 24,
        RecordHeader = 16,
        EthernetHeader = 14;

    public static TheoryData<string> Names { get; } =
        new(Directory.GetFiles(Folder, "*.pcap").Select(path => Path.GetFileNameWithoutExtension(path)!).Order());

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "captures");

    public static string PathOf(string name) => Path.Combine(Folder, name + ".pcap");

    public static byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    /// <summary>The packets: their seconds, microseconds and bytes from the IP header on.</summary>
    public static IEnumerable<(uint Seconds, uint Micros, byte[] Ip)> Packets(string name)
    {
        byte[] file = Read(name);
        for (int at = FileHeader; at < file.Length; )
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
            int start = at + RecordHeader;
            yield return (
                BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)),
                BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 4)),
                file[(start + EthernetHeader)..(start + length)]
            );
            at = start + length;
        }
    }

    /// <summary>The records of a classic pcap file with their headers.</summary>
    public static IEnumerable<byte[]> Records(byte[] file)
    {
        for (int at = FileHeader, length; at < file.Length; at += length)
        {
            length = RecordHeader + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
            yield return file[at..(at + length)];
        }
    }

    /// <summary>Classic pcap of a link type, in a byte order and a unit of time.</summary>
    public static byte[] Pcap(
        string name,
        int linkType,
        Func<byte[], byte[]> frame,
        bool bigEndian = false,
        bool nanoseconds = false
    ) => Pcap(name, linkType, [frame], bigEndian, nanoseconds);

    /// <summary>The same with each packet in several frames, one after the other.</summary>
    public static byte[] Pcap(
        string name,
        int linkType,
        IReadOnlyList<Func<byte[], byte[]>> frames,
        bool bigEndian = false,
        bool nanoseconds = false
    )
    {
        using var stream = new MemoryStream();
        U32(stream, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, bigEndian);
        stream.Write(bigEndian ? [0, 2, 0, 4] : [2, 0, 4, 0]);
        foreach (uint value in (uint[])[0, 0, 262144, (uint)linkType])
        {
            U32(stream, value, bigEndian);
        }

        foreach (
            (uint seconds, uint micros, byte[] data) in Packets(name)
                .SelectMany(packet => frames.Select(frame => (packet.Seconds, packet.Micros, frame(packet.Ip))))
        )
        {
            foreach (
                uint value in (uint[])
                    [seconds, nanoseconds ? micros * 1000 : micros, (uint)data.Length, (uint)data.Length]
            )
            {
                U32(stream, value, bigEndian);
            }

            stream.Write(data);
        }

        return stream.ToArray();
    }

    /// <summary>An IPv4 packet with eight bytes of options.</summary>
    public static byte[] WithOptions(byte[] ip)
    {
        int total = BinaryPrimitives.ReadUInt16BigEndian(ip.AsSpan(2));
        byte[] packet = [.. ip[..20], 1, 1, 1, 1, 1, 1, 1, 0, .. ip[20..total]];
        packet[0] = 0x47;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(total + 8));
        return packet;
    }

    private static void U32(Stream to, uint value, bool bigEndian)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        }

        to.Write(bytes);
    }

    /// <summary>A pcapng block.</summary>
    public static byte[] Block(uint type, byte[] body, bool bigEndian = false)
    {
        using var stream = new MemoryStream();
        byte[] padded = [.. body, .. new byte[(4 - (body.Length % 4)) % 4]];
        U32(stream, type, bigEndian);
        U32(stream, (uint)padded.Length + 12, bigEndian);
        stream.Write(padded);
        U32(stream, (uint)padded.Length + 12, bigEndian);
        return stream.ToArray();
    }

    /// <summary>Numbers of 32 bits in a row.</summary>
    public static byte[] Words(bool bigEndian, params uint[] values)
    {
        using var stream = new MemoryStream();
        foreach (uint value in values)
        {
            U32(stream, value, bigEndian);
        }

        return stream.ToArray();
    }

    /// <summary>A pcapng section header.</summary>
    public static byte[] Section(bool bigEndian = false) =>
        Block(
            0x0A0D0D0A,
            [
                .. Words(bigEndian, 0x1A2B3C4D),
                .. bigEndian ? [0, 1, 0, 0] : (byte[])[1, 0, 0, 0],
                .. Words(bigEndian, 0xFFFFFFFF, 0xFFFFFFFF),
            ],
            bigEndian
        );

    /// <summary>A pcapng interface of a link type, whose clock counts in a unit.</summary>
    public static byte[] Interface(byte linkType, byte resolution, bool bigEndian = false) =>
        Block(
            1,
            [
                .. bigEndian ? [0, linkType, 0, 0] : (byte[])[linkType, 0, 0, 0],
                .. Words(bigEndian, 0),
                .. bigEndian ? [0, 9, 0, 1] : (byte[])[9, 0, 1, 0],
                resolution,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
            ],
            bigEndian
        );

    /// <summary>A pcapng enhanced packet.</summary>
    public static byte[] Packet(uint interfaceIndex, ulong ticks, byte[] data, bool bigEndian = false) =>
        Block(
            6,
            [
                .. Words(
                    bigEndian,
                    interfaceIndex,
                    (uint)(ticks >> 32),
                    (uint)ticks,
                    (uint)data.Length,
                    (uint)data.Length
                ),
                .. data,
            ],
            bigEndian
        );

    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
