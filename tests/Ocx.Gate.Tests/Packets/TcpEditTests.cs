using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Gate.Packets;

namespace Ocx.Gate.Tests.Packets;

public class TcpEditTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void Sealing_an_unchanged_packet_gives_the_kernels_checksum(int version)
    {
        byte[] packet = KnownPackets.Of(version);
        Assert.Equal(0, KnownPackets.ChecksumOf(packet));
        packet[(version == 4 ? 20 : 40) + 16] ^= 0x5a;
        Assert.True(TcpEdit.Seal(packet));
        Assert.Equal(KnownPackets.Of(version), packet);
    }

    [Theory]
    [InlineData(4, "Content")]
    [InlineData(4, "")]
    [InlineData(6, "Conten")]
    [InlineData(6, "")]
    public void A_shorter_payload_has_lengths_and_checksums_that_are_right(int version, string rest)
    {
        byte[] packet = KnownPackets.Of(version);
        int start = packet.Length - 27;
        Encoding.ASCII.GetBytes(rest, packet.AsSpan(start));
        int length = TcpEdit.Shorten(packet, rest.Length);
        Assert.Equal(start + rest.Length, length);
        Assert.True(TcpPacket.TryParse(packet, out TcpPacket read));
        Assert.Equal(rest, Encoding.ASCII.GetString(read.Payload));
        Assert.Equal(0, KnownPackets.ChecksumOf(packet.AsSpan(0, length)));
        Assert.True(version == 6 || KnownPackets.HeaderChecksumOf(packet) == 0);
    }

    [Fact]
    public void A_packet_of_64_KiB_without_a_length_is_sealed_and_shortened()
    {
        byte[] packet = [.. KnownPackets.IPv4, .. Enumerable.Range(0, 70_000).Select(each => (byte)each)];
        packet.AsSpan(2, 2).Clear();
        Assert.True(TcpEdit.Seal(packet));
        Assert.Equal(0, KnownPackets.ChecksumOf(packet));
        int length = TcpEdit.Shorten(packet, 1000);
        Assert.Equal(1052, length);
        Assert.True(TcpPacket.TryParse(packet, out TcpPacket read));
        Assert.Equal(1000, read.Payload.Length);
        Assert.Equal(0, KnownPackets.ChecksumOf(packet.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void A_timestamp_becomes_newer_and_never_older(int version)
    {
        byte[] packet = KnownPackets.Of(version);
        Assert.True(TcpPacket.TryParse(packet, out TcpPacket read));
        Assert.True(read.TryGetTimestamps(out uint value, out uint echo));
        Assert.False(TcpEdit.Renew(packet, value));
        Assert.False(TcpEdit.Renew(packet, unchecked(value - 1)));
        Assert.Equal(KnownPackets.Of(version), packet);

        Assert.True(TcpEdit.Renew(packet, unchecked(value + 0x7000_0000)));
        Assert.True(TcpEdit.Seal(packet));
        Assert.True(TcpPacket.TryParse(packet, out read));
        Assert.True(read.TryGetTimestamps(out uint newer, out uint same));
        Assert.Equal((unchecked(value + 0x7000_0000), echo), (newer, same));
        Assert.Equal(0, KnownPackets.ChecksumOf(packet));
    }

    [Fact]
    public void What_is_no_packet_stays_as_it_is()
    {
        byte[] packet = new byte[60];
        Assert.False(TcpEdit.Seal(packet));
        Assert.Equal(0, TcpEdit.Shorten(packet, 0));
        Assert.All(packet, each => Assert.Equal(0, each));
        Assert.Equal(0, TcpEdit.Shorten(KnownPackets.IPv4, 28));
        Assert.Equal(0, TcpEdit.Shorten(KnownPackets.IPv4, -1));
    }

    [Fact]
    public void Checksums_are_right_for_any_payload() =>
        Prop.ForAll(
                (
                    from version in Gen.Elements(4, 6)
                    from payload in Gen.ArrayOf(Gen.Choose(0, 255).Select(each => (byte)each))
                    select (version, payload)
                ).ToArbitrary(),
                made =>
                {
                    byte[] packet = [.. KnownPackets.Of(made.version)[..^27], .. made.payload];
                    int at = made.version == 4 ? 3 : 5;
                    packet[at] = (byte)(packet[at] - 27 + made.payload.Length);
                    return TcpEdit.Seal(packet) && KnownPackets.ChecksumOf(packet) == 0;
                }
            )
            .QuickCheckThrowOnFailure();
}
