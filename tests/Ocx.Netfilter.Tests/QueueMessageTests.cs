using System.Buffers.Binary;

namespace Ocx.Netfilter.Tests;

/// <summary>Netlink messages are read whatever their bytes are.</summary>
public unsafe class QueueMessageTests
{
    [Fact]
    public void All_of_a_packet_is_read()
    {
        byte[] message = Messages.Packet();
        bool isRead = false;
        Read(
            message,
            (QueueMessageKind kind, in QueuedPacket packet, int error, int consumed) =>
            {
                Assert.Equal(QueueMessageKind.Packet, kind);
                Assert.Equal(0xFFFFFFFE, packet.Id);
                Assert.Equal(NetfilterHook.Output, packet.Hook);
                Assert.Equal(0x6F6378u, packet.Mark);
                Assert.Equal(7u, packet.InputInterface);
                Assert.Equal(9u, packet.OutputInterface);
                Assert.True(packet.ChecksumPending);
                Assert.True(packet.ChecksumUnverified);
                Assert.Equal(70_000u, packet.OriginalLength);
                Assert.Equal<byte>([0x45, 1, 2, 3, 4], packet.Payload.ToArray());
                Assert.Equal(message.Length, consumed);
                isRead = true;
            }
        );
        Assert.True(isRead);
    }

    [Fact]
    public void What_is_not_said_of_a_packet_is_nothing() =>
        Read(
            Messages.Message(Messages.PacketType, Messages.Header(1, 1)),
            (QueueMessageKind kind, in QueuedPacket packet, int error, int consumed) =>
            {
                Assert.Equal(QueueMessageKind.Packet, kind);
                Assert.Equal(NetfilterHook.Input, packet.Hook);
                Assert.Equal(0u, packet.Mark);
                Assert.False(packet.ChecksumPending);
                Assert.False(packet.ChecksumUnverified);
                Assert.Equal(0u, packet.OriginalLength);
                Assert.True(packet.Payload.IsEmpty);
            }
        );

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-2, 2)]
    [InlineData(int.MinValue, int.MinValue)]
    public void An_error_is_told(int code, int error)
    {
        byte[] message = Messages.Message(Messages.ErrorType, new byte[16]);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(16), code);
        Read(
            message,
            (QueueMessageKind kind, in QueuedPacket packet, int told, int consumed) =>
            {
                Assert.Equal(QueueMessageKind.Error, kind);
                Assert.Equal(error, told);
            }
        );
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(15u)]
    [InlineData(19u)]
    [InlineData(1000u)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0xFFFFFFFFu)]
    public void A_message_with_a_wrong_length_is_not_read_and_ends_what_was_received(uint length)
    {
        byte[] message = Messages.Packet();
        BinaryPrimitives.WriteUInt32LittleEndian(message, length);
        Read(
            message,
            (QueueMessageKind kind, in QueuedPacket packet, int error, int consumed) =>
            {
                Assert.Equal(QueueMessageKind.Unreadable, kind);
                Assert.InRange(consumed, 1, message.Length);
            }
        );
    }

    [Fact]
    public void A_packet_without_its_header_or_with_a_short_one_is_not_read()
    {
        foreach (
            byte[] message in new[]
            {
                Messages.Message(Messages.PacketType),
                Messages.Message(Messages.PacketType, Messages.Attribute(10, 0x45)),
                Messages.Message(Messages.PacketType, Messages.Attribute(1, 0, 0, 0, 1, 8, 0)),
                Messages.Message(0x0201, Messages.Header(1, 1)),
            }
        )
        {
            Read(
                message,
                (QueueMessageKind kind, in QueuedPacket packet, int error, int consumed) =>
                    Assert.Equal(QueueMessageKind.Unreadable, kind)
            );
        }
    }

    [Fact]
    public void Messages_behind_each_other_are_read_one_by_one()
    {
        byte[] both = [.. Messages.Message(Messages.ErrorType, new byte[3]), .. Messages.Packet()];
        // The first one is not padded in its length.
        both = [.. both[..23], 0, .. both[23..]];
        int first = 0;
        Read(both, (QueueMessageKind kind, in QueuedPacket packet, int error, int consumed) => first = consumed);
        Assert.Equal(24, first);
        Read(
            both[first..],
            (QueueMessageKind kind, in QueuedPacket packet, int error, int consumed) =>
                Assert.Equal(QueueMessageKind.Packet, kind)
        );
    }

    [Fact]
    public void A_packet_with_a_short_number_is_not_read() =>
        Read(
            Messages.Message(Messages.PacketType, Messages.Header(1, 1), Messages.Attribute(13, 1, 2)),
            (QueueMessageKind kind, in QueuedPacket packet, int error, int consumed) =>
                Assert.Equal(QueueMessageKind.Unreadable, kind)
        );

    // The bytes end where readable memory ends: reading behind them ends the process.
    [Fact]
    public void No_bytes_make_it_read_outside_of_them()
    {
        byte[] good = Messages.Packet();
        var random = new Random(20);
        for (int round = 0; round < 200_000; round++)
        {
            byte[] bytes = good[..random.Next(0, good.Length + 1)];
            for (int change = random.Next(0, 4); change > 0 && bytes.Length > 0; change--)
            {
                int at = random.Next(bytes.Length);
                bytes[at] = random.Next(3) switch
                {
                    0 => 0xFF,
                    1 => (byte)random.Next(32),
                    _ => (byte)random.Next(256),
                };
            }
            if (bytes.Length >= 4 && random.Next(2) == 0)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)bytes.Length);
            }
            Read(
                bytes,
                (QueueMessageKind kind, in QueuedPacket packet, int error, int consumed) =>
                {
                    Assert.InRange(consumed, 0, bytes.Length);
                    Assert.True(consumed > 0 || bytes.Length == 0);
                    Assert.InRange(packet.Payload.Length, 0, bytes.Length);
                }
            );
        }
    }

    private delegate void Look(QueueMessageKind kind, in QueuedPacket packet, int error, int consumed);

    private static readonly GuardedMemory s_memory = new();

    private static void Read(byte[] bytes, Look look)
    {
        byte* start = s_memory.Place(bytes);
        QueueMessageKind kind = QueueMessage.Read(
            start,
            bytes.Length,
            out QueuedPacket packet,
            out int error,
            out int consumed
        );
        look(kind, packet, error, consumed);
    }
}
