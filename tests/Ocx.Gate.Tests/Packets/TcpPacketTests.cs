using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Gate.Packets;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Tests.Packets;

public class TcpPacketTests
{
    [Fact]
    public void IPv4_is_read()
    {
        Assert.True(TcpPacket.TryParse(KnownPackets.IPv4, out TcpPacket packet));
        Assert.Equal((4, "10.9.0.2:8080"), (packet.Version, packet.Source.ToString()));
        Assert.Equal("10.9.0.1:40132", packet.Destination.ToString());
        Assert.Equal((0xf8ccd671u, 0xf7ad4a64u), (packet.Sequence, packet.Acknowledgment));
        Assert.Equal((TcpFlags.Ack, 0x40), (packet.Flags, packet.Window));
        Assert.Equal((20, 52, 32), (packet.TcpOffset, packet.PayloadOffset, packet.HeaderLength));
        Assert.Equal(KnownPackets.Payload, Encoding.ASCII.GetString(packet.Payload));
        Assert.True(packet.TryGetTimestamps(out uint value, out uint echo));
        Assert.Equal((0xf8081f4bu, 0x5d00f864u), (value, echo));
        Assert.Equal(packet.Sequence + 27, packet.SequenceEnd);
        Assert.False(packet.IsCut);
    }

    [Fact]
    public void IPv6_is_read()
    {
        Assert.True(TcpPacket.TryParse(KnownPackets.IPv6, out TcpPacket packet));
        Assert.Equal((6, "[fd09::2]:8080"), (packet.Version, packet.Source.ToString()));
        Assert.Equal("[fd09::1]:41974", packet.Destination.ToString());
        Assert.Equal((40, 72), (packet.TcpOffset, packet.PayloadOffset));
        Assert.Equal(KnownPackets.Payload, Encoding.ASCII.GetString(packet.Payload));
    }

    [Fact]
    public void A_segment_has_what_the_packet_has()
    {
        byte[] bytes = KnownPackets.IPv4;
        bytes[33] = 0x19; // FIN, PSH, ACK
        Assert.True(TcpPacket.TryParse(bytes, out TcpPacket packet));
        TcpSegment segment = packet.ToSegment(7, 8);
        Assert.Equal((7, 8, 27), (segment.TimestampUnixNs, segment.MonotonicNs, segment.Length));
        Assert.Equal((packet.Source, packet.Destination), (segment.Source, segment.Destination));
        Assert.Equal((packet.Sequence, packet.Acknowledgment), (segment.Sequence, segment.Acknowledgment));
        Assert.Equal(TcpFlags.Ack | TcpFlags.Fin, segment.Flags);
        Assert.True(segment.Payload.SequenceEqual(packet.Payload));
        Assert.Equal(packet.Sequence + 28, packet.SequenceEnd);
    }

    [Theory]
    [InlineData(0, new byte[] { 6, 0, 5, 2, 0, 0, 1, 0 })] // hop-by-hop
    [InlineData(43, new byte[] { 60, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0 })] // routing, destination
    [InlineData(44, new byte[] { 6, 0, 0, 0, 1, 2, 3, 4 })] // a fragment that is the whole packet
    [InlineData(51, new byte[] { 6, 2, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 })] // authentication
    public void Extension_headers_may_stand_before_TCP(byte first, byte[] headers)
    {
        Assert.True(TcpPacket.TryParse(KnownPackets.With(first, headers), out TcpPacket packet));
        Assert.Equal(40 + headers.Length, packet.TcpOffset);
        Assert.Equal(KnownPackets.Payload, Encoding.ASCII.GetString(packet.Payload));
    }

    [Theory]
    [InlineData(44, new byte[] { 6, 0, 0, 1, 1, 2, 3, 4 })] // more fragments follow
    [InlineData(44, new byte[] { 6, 0, 0, 8, 1, 2, 3, 4 })] // not the first one
    [InlineData(60, new byte[] { 6, 255, 0, 0, 0, 0, 0, 0 })] // longer than the packet
    [InlineData(50, new byte[] { 6, 0, 0, 0, 0, 0, 0, 0 })] // encrypted
    [InlineData(17, new byte[] { 6, 0, 0, 0, 0, 0, 0, 0 })] // UDP
    [InlineData(59, new byte[] { 6, 0, 0, 0, 0, 0, 0, 0 })] // nothing
    public void What_is_no_TCP_or_a_fragment_is_refused(byte first, byte[] headers) =>
        Assert.False(TcpPacket.TryParse(KnownPackets.With(first, headers), out _));

    [Fact]
    public void More_extension_headers_than_any_packet_has_are_refused()
    {
        byte[] header = [60, 0, 1, 4, 0, 0, 0, 0];
        byte[] last = [6, .. header[1..]];
        byte[][] five = [.. Enumerable.Repeat(header, 5), last];
        Assert.True(TcpPacket.TryParse(KnownPackets.With(60, [.. five.SelectMany(each => each)]), out _));
        byte[][] six = [header, .. five];
        Assert.False(TcpPacket.TryParse(KnownPackets.With(60, [.. six.SelectMany(each => each)]), out _));
    }

    [Theory]
    [InlineData(0x20, 0)] // more fragments
    [InlineData(0, 1)] // an offset
    public void Fragments_of_IPv4_are_refused(byte high, byte low)
    {
        byte[] packet = KnownPackets.IPv4;
        (packet[6], packet[7]) = (high, low);
        Assert.False(TcpPacket.TryParse(packet, out _));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void A_length_field_of_0_leaves_the_packet_as_long_as_it_is(int version)
    {
        byte[] bytes = KnownPackets.Of(version);
        int at = version == 4 ? 2 : 4;
        bytes.AsSpan(at, 2).Clear();
        Assert.True(TcpPacket.TryParse(bytes, out TcpPacket packet));
        Assert.Equal(27, packet.Payload.Length);
        Assert.False(packet.IsCut);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void Padding_is_no_payload_and_what_is_missing_is_told(int version)
    {
        Assert.True(TcpPacket.TryParse([.. KnownPackets.Of(version), 0, 0, 0], out TcpPacket padded));
        Assert.Equal(27, padded.Payload.Length);
        Assert.False(padded.IsCut);
        Assert.True(TcpPacket.TryParse(KnownPackets.Of(version).AsSpan()[..^7], out TcpPacket cut));
        Assert.Equal(20, cut.Payload.Length);
        Assert.True(cut.IsCut);
    }

    [Theory]
    [InlineData(new byte[] { 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2 }, true)]
    [InlineData(new byte[] { 2, 4, 5, 180, 8, 10, 0, 0, 0, 1, 0, 0 }, false)] // ends before its end
    [InlineData(new byte[] { 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0 }, true)]
    [InlineData(new byte[] { 0, 0, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2 }, false)] // the list ended
    [InlineData(new byte[] { 5, 0, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2 }, false)] // an option without a length
    [InlineData(new byte[] { 1, 1, 8, 9, 0, 0, 0, 1, 0, 0, 0, 2 }, false)]
    [InlineData(new byte[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 8 }, false)]
    public void Options_are_read(byte[] options, bool found)
    {
        byte[] bytes = KnownPackets.IPv4;
        options.CopyTo(bytes, 40);
        Assert.True(TcpPacket.TryParse(bytes, out TcpPacket packet));
        Assert.Equal(found, packet.TryGetTimestamps(out uint value, out uint echo));
        Assert.Equal(found ? (1, 2) : (0, 0), ((int)value, (int)echo));
    }

    [Fact]
    public void Whatever_is_read_lies_in_the_packet() =>
        Prop.ForAll(
                (
                    from version in Gen.Elements(4, 6)
                    from cut in Gen.Choose(0, 110)
                    from changes in Gen.ArrayOf(
                        from at in Gen.Choose(0, 60)
                        from to in Gen.Choose(0, 255)
                        select (at, to)
                    )
                    select Changed(version, cut, changes)
                ).ToArbitrary(),
                bytes =>
                {
                    if (!TcpPacket.TryParse(bytes, out TcpPacket packet))
                    {
                        return true;
                    }

                    packet.TryGetTimestamps(out _, out _);
                    packet.ToSegment(1, 1);
                    byte[] copy = [.. bytes];
                    int length = TcpEdit.Shorten(copy, packet.Payload.Length / 2);
                    return packet.PayloadOffset + packet.Payload.Length <= bytes.Length
                        && length == packet.PayloadOffset + (packet.Payload.Length / 2);
                }
            )
            .QuickCheckThrowOnFailure();

    private static byte[] Changed(int version, int cut, (int At, int To)[] changes)
    {
        byte[] packet = KnownPackets.Of(version);
        foreach ((int at, int to) in changes)
        {
            packet[at] = (byte)to;
        }

        return packet[..Math.Min(cut, packet.Length)];
    }
}
