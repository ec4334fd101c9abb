using System.Buffers.Binary;

namespace Ocx.Netfilter.Tests;

/// <summary>Verdicts as the kernel expects them: one message for each packet, one behind the other.</summary>
public class VerdictBufferTests
{
    private const ushort Queue = 0x1234;
    private const int Drop = 0,
        Accept = 1;

    [Fact]
    public void Each_verdict_is_a_message_of_its_own()
    {
        using var buffer = new VerdictBuffer(Queue);
        buffer.Add(1, Accept);
        buffer.Add(0xFFFFFFFF, Drop);
        buffer.Add(3, Accept, [0x45, 1, 2]);
        buffer.Add(4, Accept);
        ReadOnlySpan<byte> messages = buffer.Messages;
        Assert.Equal(32 + 32 + 40 + 32, messages.Length);
        AssertVerdict(messages, 32, 1, Accept, []);
        AssertVerdict(messages[32..], 32, 0xFFFFFFFF, Drop, []);
        AssertVerdict(messages[64..], 40, 3, Accept, [0x45, 1, 2]);
        AssertVerdict(messages[104..], 32, 4, Accept, []);
        buffer.Clear();
        Assert.Equal(0, buffer.Length);
    }

    [Fact]
    public void The_longest_packets_fit_and_none_is_written_beyond_the_end()
    {
        using var buffer = new VerdictBuffer(Queue);
        byte[] packet = new byte[VerdictBuffer.MaxPacket];
        packet.AsSpan().Fill(7);
        int count = 0;
        for (; buffer.HasRoomFor(packet.Length); count++)
        {
            buffer.Add((uint)count, Accept, packet);
        }
        Assert.Equal(2, count);
        for (; buffer.HasRoomFor(0); count++)
        {
            buffer.Add((uint)count, Drop);
        }
        Assert.InRange(buffer.Length, 1, 160 << 10);
        AssertVerdict(buffer.Messages, 32 + 4 + 65_532, 0, Accept, packet);
    }

    private static void AssertVerdict(
        ReadOnlySpan<byte> message,
        int length,
        uint id,
        uint verdict,
        ReadOnlySpan<byte> packet
    )
    {
        Assert.Equal((uint)length, BinaryPrimitives.ReadUInt32LittleEndian(message));
        // NFNL_SUBSYS_QUEUE, NFQNL_MSG_VERDICT; NLM_F_REQUEST.
        Assert.Equal(0x0301, BinaryPrimitives.ReadUInt16LittleEndian(message[4..]));
        Assert.Equal(1, BinaryPrimitives.ReadUInt16LittleEndian(message[6..]));
        // struct nfgenmsg: the queue's number.
        Assert.Equal(Queue, BinaryPrimitives.ReadUInt16BigEndian(message[18..]));
        // NFQA_VERDICT_HDR: the verdict, the id.
        Assert.Equal<byte>([12, 0, 2, 0], message[20..24].ToArray());
        Assert.Equal(verdict, BinaryPrimitives.ReadUInt32BigEndian(message[24..]));
        Assert.Equal(id, BinaryPrimitives.ReadUInt32BigEndian(message[28..]));
        if (packet.Length > 0)
        {
            Assert.Equal(4 + packet.Length, BinaryPrimitives.ReadUInt16LittleEndian(message[32..]));
            Assert.Equal(10, BinaryPrimitives.ReadUInt16LittleEndian(message[34..]));
            Assert.True(message.Slice(36, packet.Length).SequenceEqual(packet));
        }
    }
}
