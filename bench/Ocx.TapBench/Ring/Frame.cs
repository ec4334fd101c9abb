using System.Buffers.Binary;

namespace Ocx.TapBench.Ring;

/// <summary>
/// An Ethernet frame with a TCP segment, to a MAC address that nobody has: a real stack behind the veth drops it without an answer.
/// </summary>
internal static class Frame
{
    private const int Headers = 14 + 20 + 20;

    public static byte[] Build(ushort port, int payload)
    {
        byte[] frame = new byte[Headers + payload];
        ReadOnlySpan<byte> ethernet = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0], addresses = [10, 0, 0, 1, 10, 0, 0, 2];
        ethernet.CopyTo(frame);
        Span<byte> ip = frame.AsSpan(14), tcp = frame.AsSpan(34);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(40 + payload));
        (ip[8], ip[9]) = (64, 6);
        addresses.CopyTo(ip[12..]);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, 40000);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], port);
        (tcp[12], tcp[13]) = (0x50, 0x18);
        frame.AsSpan(Headers).Fill((byte)'x');
        return frame;
    }
}
