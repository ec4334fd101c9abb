using System.Buffers.Binary;
using System.Text;

namespace Ocx.Cli.Pcap;

/// <summary>Writes a pcapng file of raw IP packets with times in nanoseconds.</summary>
internal sealed class PcapNgWriter : IDisposable
{
    private const uint SectionHeader = 0x0A0D0D0A,
        InterfaceDescription = 1,
        EnhancedPacket = 6,
        ByteOrderMagic = 0x1A2B3C4D;
    private const ushort EndOfOptions = 0,
        UserApplication = 4,
        TimeResolution = 9;
    private const byte Nanoseconds = 9;
    private const int PacketEnvelope = 32;

    private readonly Stream _to;

    /// <summary>Begins a file.</summary>
    public PcapNgWriter(Stream to, string application)
    {
        _to = to;
        byte[] name = Encoding.UTF8.GetBytes(application);
        var section = new byte[16 + 4 + Padded(name.Length) + 4];
        BinaryPrimitives.WriteUInt32LittleEndian(section, ByteOrderMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(section.AsSpan(4), 1);
        BinaryPrimitives.WriteInt64LittleEndian(section.AsSpan(8), -1);
        WriteOption(section.AsSpan(16), UserApplication, name);
        WriteBlock(SectionHeader, section);
        var description = new byte[8 + 8 + 4];
        BinaryPrimitives.WriteUInt16LittleEndian(description, (ushort)LinkType.Raw);
        WriteOption(description.AsSpan(8), TimeResolution, [Nanoseconds]);
        WriteBlock(InterfaceDescription, description);
    }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    /// <summary>What a packet of so many bytes takes in the file.</summary>
    public static int SizeOf(int packet) => PacketEnvelope + Padded(packet);

    /// <summary>Writes a packet.</summary>
    public void Write(long unixNs, ReadOnlySpan<byte> packet, int originalLength)
    {
        var body = new byte[20 + Padded(packet.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(4), (uint)(unixNs >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), (uint)unixNs);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(12), packet.Length);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(16), originalLength);
        packet.CopyTo(body.AsSpan(20));
        WriteBlock(EnhancedPacket, body);
    }

    /// <inheritdoc/>
    public void Dispose() => _to.Dispose();

    private static int Padded(int length) => (length + 3) & ~3;

    private static void WriteOption(Span<byte> to, ushort code, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to, code);
        BinaryPrimitives.WriteUInt16LittleEndian(to[2..], (ushort)value.Length);
        value.CopyTo(to[4..]);
        BinaryPrimitives.WriteUInt16LittleEndian(to[(4 + Padded(value.Length))..], EndOfOptions);
    }

    private void WriteBlock(uint type, ReadOnlySpan<byte> body)
    {
        Span<byte> words = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(words, type);
        BinaryPrimitives.WriteInt32LittleEndian(words[4..], body.Length + 12);
        _to.Write(words);
        _to.Write(body);
        _to.Write(words[4..]);
        Length += body.Length + 12;
    }
}
