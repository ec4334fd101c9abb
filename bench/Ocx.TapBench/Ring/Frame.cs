using System.Buffers.Binary;
using Ocx.Mcp.Tcp;

namespace Ocx.TapBench.Ring;

/// <summary>
/// An Ethernet frame with a TCP segment, to a MAC address that nobody has: a real stack behind the veth drops it
/// without an answer.
/// </summary>
internal static class Frame
{
    private const int Headers = 14 + 20 + 20;

    /// <summary>PSH and ACK: what payload mostly comes with.</summary>
    public const byte DataFlags = 0x18;

    public static byte[] Build(ushort port, int payload, byte flags)
    {
        byte[] filler = new byte[payload];
        filler.AsSpan().Fill((byte)'x');
        return Build(IpEndpoint.From([10, 0, 0, 1], 40000), IpEndpoint.From([10, 0, 0, 2], port), filler, flags);
    }

    public static byte[] Build(
        IpEndpoint source,
        IpEndpoint destination,
        ReadOnlySpan<byte> payload,
        byte flags = DataFlags
    )
    {
        byte[] frame = new byte[Headers + payload.Length];
        ReadOnlySpan<byte> ethernet = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
        ethernet.CopyTo(frame);
        Span<byte> ip = frame.AsSpan(14),
            tcp = frame.AsSpan(34);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(40 + payload.Length));
        (ip[8], ip[9]) = (64, 6);
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], (uint)source.Address);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], (uint)destination.Address);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], destination.Port);
        (tcp[12], tcp[13]) = (0x50, flags);
        payload.CopyTo(frame.AsSpan(Headers));
        return frame;
    }
}
