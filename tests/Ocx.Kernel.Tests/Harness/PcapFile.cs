using System.Buffers.Binary;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// The Ethernet frames of a capture file (pcap, either byte order, times in micro- or nanoseconds), to be sent again.
/// </summary>
internal static class PcapFile
{
    private const int FileHeader = 24,
        PacketHeader = 16,
        Ethernet = 1;

    /// <summary>The frames in the order of the file, each with its time since the first one.</summary>
    public static IReadOnlyList<(TimeSpan At, byte[] Frame)> Read(string path)
    {
        ReadOnlySpan<byte> file = File.ReadAllBytes(path);
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(file);
        bool little = magic is 0xa1b2c3d4 or 0xa1b23c4d;
        long ticksPerSecond = magic is 0xa1b23c4d or 0x4d3cb2a1 ? 1_000_000_000 : 1_000_000;
        Assert.True(little || magic is 0xd4c3b2a1 or 0x4d3cb2a1, $"{path} is no pcap file");
        Assert.Equal(Ethernet, Number(file[20..], little));

        var frames = new List<(TimeSpan, byte[])>();
        long first = -1;
        for (file = file[FileHeader..]; file.Length >= PacketHeader; )
        {
            long at = (Number(file, little) * ticksPerSecond) + Number(file[4..], little);
            int length = (int)Number(file[8..], little);
            first = first < 0 ? at : first;
            frames.Add(
                (
                    TimeSpan.FromSeconds((double)(at - first) / ticksPerSecond),
                    file.Slice(PacketHeader, length).ToArray()
                )
            );
            file = file[(PacketHeader + length)..];
        }
        return frames;
    }

    private static long Number(ReadOnlySpan<byte> at, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);
}
