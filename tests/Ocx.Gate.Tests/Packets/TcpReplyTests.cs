using System.Text;
using Ocx.Gate.Packets;

namespace Ocx.Gate.Tests.Packets;

public class TcpReplyTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void A_packet_is_made_as_the_kernel_makes_it(int version)
    {
        byte[] expected = KnownPackets.Of(version),
            made = new byte[200];
        int length = Like(expected).Write(made, ReplyKind.Data, Encoding.ASCII.GetBytes(KnownPackets.Payload));
        Assert.Equal(expected.Length, length);
        if (version == 4)
        {
            Assert.Equal(0, KnownPackets.HeaderChecksumOf(made));
            // The kernel counts its packets, and the header's checksum has the count.
            (expected[4], expected[5], expected[10], expected[11]) = (0, 0, made[10], made[11]);
        }
        else
        {
            expected.AsSpan(1, 3).Clear(); // and labels its flows
        }

        Assert.Equal(expected, made[..length]);
    }

    [Theory]
    [InlineData(ReplyKind.Data, "", 0x10)]
    [InlineData(ReplyKind.Data, "a", 0x18)]
    [InlineData(ReplyKind.LastData, "", 0x11)]
    [InlineData(ReplyKind.LastData, "a", 0x19)]
    [InlineData(ReplyKind.Reset, "", 0x14)]
    internal void Flags_say_what_it_is(ReplyKind kind, string payload, byte flags)
    {
        foreach (int version in new[] { 4, 6 })
        {
            byte[] made = new byte[100];
            TcpReply reply = Like(KnownPackets.Of(version)) with { HasTimestamps = false };
            int length = reply.Write(made, kind, Encoding.ASCII.GetBytes(payload));
            Assert.True(TcpPacket.TryParse(made.AsSpan(0, length), out TcpPacket read));
            Assert.Equal(flags, made[read.TcpOffset + 13]);
            Assert.Equal(20, read.HeaderLength);
            Assert.False(read.TryGetTimestamps(out _, out _));
            Assert.Equal((payload.Length, false), (read.Payload.Length, read.IsCut));
            Assert.Equal(0, KnownPackets.ChecksumOf(made.AsSpan(0, length)));
        }
    }

    [Fact]
    public void A_full_packet_has_room_in_what_headers_and_payload_take()
    {
        byte[] payload = new byte[TcpReply.SafePayload],
            made = new byte[TcpReply.LongestHeaders + payload.Length];
        Assert.Equal(1280, Like(KnownPackets.IPv6).Write(made, ReplyKind.LastData, payload));
        Assert.Equal(1260, Like(KnownPackets.IPv4).Write(made, ReplyKind.LastData, payload));
    }

    private static TcpReply Like(byte[] bytes)
    {
        Assert.True(TcpPacket.TryParse(bytes, out TcpPacket packet));
        Assert.True(packet.TryGetTimestamps(out uint value, out uint echo));
        return new()
        {
            Source = packet.Source,
            Destination = packet.Destination,
            Sequence = packet.Sequence,
            Acknowledgment = packet.Acknowledgment,
            Window = packet.Window,
            HasTimestamps = true,
            Timestamp = value,
            TimestampEcho = echo,
        };
    }
}
