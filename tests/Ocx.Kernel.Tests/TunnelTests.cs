using System.Net;
using Ocx.Kernel.Tests.Harness;
using Ocx.NodeAgent.Options;
using Ocx.Tests.Captures;

namespace Ocx.Kernel.Tests;

/// <summary>What is inside of tunnels: read where that is asked for, and counted where it is not.</summary>
public sealed class TunnelTests : KernelTest, IDisposable
{
    private const int Bulk = 4 * 1024 * 1024;

    private readonly NetworkNamespace _namespace = new();

    public TunnelTests() => NetworkNamespace.Connect(_namespace, "tap0", _namespace, "peer0");

    public static TheoryData<string> Tunnels => new(Encapsulations.OfPodNetworks);

    public void Dispose() => _namespace.Dispose();

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void A_segment_in_a_tunnel_is_captured_as_it_is_inside(string tunnel)
    {
        byte[] inside = new TcpFrame().ToBytes()[14..];
        Capture capture = Send(Encapsulations.Tunnels[tunnel](inside), decapsulate: true);

        Segment segment = Assert.Single(capture.Segments);
        Assert.Equal("payload"u8, segment.Payload);
        Assert.Equal((40000, 8080, 1000u), (segment.Source.Port, segment.Destination.Port, segment.Sequence));
        if (tunnel != "sit")
        {
            Assert.Equal(IPAddress.Parse("10.0.0.1"), segment.Source.Address);
        }
        Assert.Equal(0ul, capture.Counters.Encapsulated);
    }

    [Theory]
    [MemberData(nameof(Tunnels))]
    public void Where_it_is_not_asked_for_its_packets_are_counted(string tunnel)
    {
        byte[] inside = new TcpFrame().ToBytes()[14..];
        Capture capture = Send(Encapsulations.Tunnels[tunnel](inside), decapsulate: false);

        Assert.Empty(capture.Segments);
        Assert.Equal((1ul, 0ul), (capture.Counters.Encapsulated, capture.Counters.Filtered));
    }

    [Fact]
    public void Two_tunnels_in_each_other_are_opened_and_a_third_is_counted()
    {
        Func<byte[], byte[]> vxlan = Encapsulations.Tunnels["vxlan"],
            ipip = Encapsulations.Tunnels["ipip"];
        byte[] inside = new TcpFrame().ToBytes()[14..];

        Assert.Single(Send(vxlan(ipip(inside)), decapsulate: true).Segments);
        Capture third = Send(ipip(vxlan(ipip(inside))), decapsulate: true);
        Assert.Empty(third.Segments);
        Assert.Equal(1ul, third.Counters.Encapsulated);
    }

    [Fact]
    public void A_tunnel_cut_anywhere_is_no_segment_of_more_than_there_is()
    {
        byte[] inside = new TcpFrame().ToBytes()[14..];
        using var link = new RawLink(_namespace, "peer0");
        using TapSession tap = Start(decapsulate: true);
        foreach (string tunnel in Encapsulations.OfPodNetworks)
        {
            byte[] packet = Encapsulations.Tunnels[tunnel](inside);
            for (int length = 20; length < packet.Length; length++)
            {
                link.Send(Frame(packet).AsSpan(0, 14 + length));
            }
        }
        link.Send(Frame(Encapsulations.Tunnels["geneve"](inside)));
        tap.AwaitFiltered(1);
        Assert.Equal("payload"u8, Assert.Single(tap.Stop().Segments).Payload);
    }

    [Theory]
    [InlineData("server0")]
    [InlineData("any")]
    public async Task Each_byte_through_a_real_VXLAN_is_captured_once(string @interface)
    {
        using var pair = new VethPair("10.0.0.1/24", "10.0.0.2/24");
        (NetworkNamespace End, string Link, string Address, string Peer)[] ends =
        [
            (pair.Client, "client0", "10.1.0.1", "10.0.0.2"),
            (pair.Server, "server0", "10.1.0.2", "10.0.0.1"),
        ];
        foreach ((NetworkNamespace end, string link, string address, string peer) in ends)
        {
            end.Ip($"link add pods type vxlan id 42 dstport 4789 remote {peer} dev {link}");
            end.Ip($"address add {address}/24 dev pods");
            end.Ip("link set pods up");
        }
        byte[] request = TcpExchange.Data(Bulk, seed: 1),
            response = TcpExchange.Data(Bulk, seed: 2);
        using TapSession tap = TapSession.Start(
            pair.Server,
            new AgentOptions
            {
                Interfaces = [@interface],
                Decapsulate = true,
                RingSize = 64 << 20,
            }
        );
        TcpExchange exchange = await TcpExchange.RunAsync(
            pair.Client,
            pair.Server,
            IPAddress.Parse("10.1.0.2"),
            8080,
            request,
            response
        );
        bool disturbed = pair.Client.IsDisturbed || pair.Server.IsDisturbed;

        Capture capture = tap.Stop();
        Assert.Equal((0ul, 0ul), (capture.Counters.Dropped, capture.Counters.Encapsulated));
        capture.AssertStream(exchange.Client, exchange.Server, request, disturbed);
        capture.AssertStream(exchange.Server, exchange.Client, response, disturbed);
    }

    private static byte[] Frame(byte[] packet) =>
        [
            255,
            255,
            255,
            255,
            255,
            255,
            2,
            0,
            0,
            0,
            0,
            1,
            .. packet[0] >> 4 == 6 ? [0x86, 0xDD] : (byte[])[8, 0],
            .. packet,
        ];

    private TapSession Start(bool decapsulate) =>
        TapSession.Start(_namespace, new AgentOptions { Interfaces = ["tap0"], Decapsulate = decapsulate });

    private Capture Send(byte[] packet, bool decapsulate)
    {
        using var link = new RawLink(_namespace, "peer0");
        using TapSession tap = Start(decapsulate);
        link.Send(Frame(packet));
        Assert.True(
            SpinWait.SpinUntil(
                () => tap.Counters is { } now && now.Filtered + now.Encapsulated > 0,
                TimeSpan.FromSeconds(60)
            ),
            "the packet did not come"
        );
        return tap.Stop();
    }
}
