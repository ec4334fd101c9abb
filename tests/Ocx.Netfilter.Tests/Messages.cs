using System.Buffers.Binary;

namespace Ocx.Netfilter.Tests;

/// <summary>Makes netlink messages of a queue, as the kernel lays them out (nfnetlink_queue.h).</summary>
internal static class Messages
{
    public const ushort PacketType = 3 << 8;
    public const ushort ErrorType = 2;

    /// <summary>A message with these attributes behind its two headers.</summary>
    public static byte[] Message(ushort type, params byte[][] attributes)
    {
        byte[] body = [.. attributes.SelectMany(attribute => attribute)];
        byte[] message = new byte[20 + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        body.CopyTo(message, 20);
        return message;
    }

    public static byte[] Attribute(ushort type, params ReadOnlySpan<byte> value)
    {
        byte[] attribute = new byte[4 + ((value.Length + 3) & ~3)];
        BinaryPrimitives.WriteUInt16LittleEndian(attribute, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(attribute.AsSpan(2), type);
        value.CopyTo(attribute.AsSpan(4));
        return attribute;
    }

    public static byte[] Number(ushort type, uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Attribute(type, bytes.AsSpan());
    }

    /// <summary>NFQA_PACKET_HDR: the id, the link's protocol and the hook.</summary>
    public static byte[] Header(uint id, byte hook)
    {
        byte[] bytes = [0, 0, 0, 0, 8, 0, hook];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, id);
        return Attribute(1, bytes.AsSpan());
    }

    /// <summary>A packet as the kernel sends it.</summary>
    public static byte[] Packet() =>
        Message(
            PacketType,
            Header(0xFFFFFFFE, 3),
            Number(3, 0x6F6378),
            Number(5, 7),
            Number(6, 9),
            Number(14, 7),
            Number(13, 70_000),
            Attribute(10, 0x45, 1, 2, 3, 4)
        );
}
