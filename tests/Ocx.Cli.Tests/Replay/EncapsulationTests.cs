using Ocx.Mcp.Tcp;
using Ocx.Tests.Captures;

namespace Ocx.Cli.Tests.Replay;

/// <summary>What is inside of tunnels and other links is read as if it were not.</summary>
public sealed class EncapsulationTests
{
    public static TheoryData<string> Tunnels => new(Encapsulations.Tunnels.Keys.Order());

    public static TheoryData<string> Links => new(Encapsulations.Links.Keys.Order());

    [Theory]
    [MemberData(nameof(Tunnels))]
    public async Task The_calls_in_a_tunnel_are_those_of_the_packets_inside(string tunnel) =>
        await ShowsTheSameCalls(
            CaptureFiles.Pcap(CaptureFiles.Streamable, 101, Encapsulations.Tunnels[tunnel]),
            withAddresses: tunnel != "sit"
        );

    [Theory]
    [MemberData(nameof(Links))]
    public async Task The_calls_on_a_link_are_those_of_its_packets(string link)
    {
        (int linkType, Func<byte[], byte[]> frame) = Encapsulations.Links[link];
        await ShowsTheSameCalls(CaptureFiles.Pcap(CaptureFiles.Streamable, linkType, frame), withAddresses: true);
    }

    [Fact]
    public async Task What_is_captured_inside_and_outside_of_a_tunnel_is_told_once()
    {
        byte[] both = CaptureFiles.Pcap(
            CaptureFiles.Streamable,
            101,
            [ip => ip, Encapsulations.Tunnels["vxlan"], Encapsulations.Tunnels["ipip"]]
        );
        await ShowsTheSameCalls(both, withAddresses: true);
    }

    [Fact]
    public void Any_bytes_in_any_tunnel_and_on_any_link_end_within_their_bounds()
    {
        var random = new Random(20261127);
        Func<byte[], byte[]>[] tunnels = [.. Encapsulations.Tunnels.Values];
        for (int i = 0; i < 50_000; i++)
        {
            byte[] bytes = new byte[random.Next(120)];
            random.NextBytes(bytes);
            byte[] ip =
                i % 2 == 0 ? bytes : tunnels[random.Next(tunnels.Length)]([0x45, 0, 0, 100, .. bytes, .. new byte[96]]);
            int hit = random.Next(Math.Min(ip.Length, 60) + 1) - 1;
            if (hit >= 0)
            {
                ip[hit] = (byte)random.Next(256);
            }

            foreach (Cli.Pcap.LinkType type in Enum.GetValues<Cli.Pcap.LinkType>())
            {
                var packet = new Cli.Pcap.CapturedPacket
                {
                    LinkType = type,
                    TimestampUnixNs = 1,
                    OriginalLength = (uint)ip.Length,
                    Data = ip,
                };
                if (Cli.Pcap.SegmentParser.Parse(packet, out TcpSegment segment) == Cli.Pcap.PacketKind.Segment)
                {
                    Assert.InRange(segment.Payload.Length, 0, ip.Length);
                    Assert.InRange(segment.Length, segment.Payload.Length, 1 << 20);
                }
            }
        }
    }

    private static async Task ShowsTheSameCalls(byte[] file, bool withAddresses)
    {
        Ocx original = await Ocx.RunAsync("replay", CaptureFiles.PathOf(CaptureFiles.Streamable), "-o", "json");
        Ocx other = await Ocx.RunAsync(file, "replay", "-", "-o", "json");

        Assert.Equal(0, other.ExitCode);
        Assert.DoesNotContain("not read", other.Errors, StringComparison.Ordinal);
        if (withAddresses)
        {
            Assert.Equal(original.Lines, other.Lines);
        }
        else
        {
            Assert.Equal(original.Lines.Length, other.Lines.Length);
        }
    }
}
