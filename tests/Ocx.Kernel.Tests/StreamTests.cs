using System.Net;
using Ocx.Kernel.Tests.Harness;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Options;

namespace Ocx.Kernel.Tests;

/// <summary>
/// Real TCP connections: each byte of both directions is captured once and in order, whatever way it takes.
/// </summary>
public sealed class StreamTests : KernelTest
{
    private const ushort Port = 8080;
    private const int Bulk = 8 * 1024 * 1024;

    // Large enough for all that a test sends before the reader comes round.
    private static readonly AgentOptions s_options = new() { RingSize = 64 * 1024 * 1024 };

    [Theory]
    [InlineData("10.0.0.1/24", "10.0.0.2/24")]
    [InlineData("fd00::1/64", "fd00::2/64")]
    public async Task Both_directions_of_a_veth_are_captured_byte_by_byte(string client, string server)
    {
        using var pair = new VethPair(client, server);
        using TapSession tap = TapSession.Start(pair.Server, s_options with { Interfaces = ["server0"] });
        await AssertEachByteOnceAsync(tap, pair.Client, pair.Server, pair.ServerAddress, Bulk);
    }

    [Fact]
    public async Task A_sender_sees_its_own_traffic_as_outgoing()
    {
        using var pair = new VethPair("10.0.0.1/24", "10.0.0.2/24");
        using TapSession tap = TapSession.Start(pair.Client, "client0");
        TcpExchange exchange = await TcpExchange.RunAsync(
            pair.Client,
            pair.Server,
            pair.ServerAddress,
            Port,
            TcpExchange.Data(100),
            TcpExchange.Data(200, seed: 2)
        );

        IReadOnlyList<Segment> segments = tap.Stop().Segments;
        Assert.All(segments, segment => Assert.Equal(segment.Source.Equals(exchange.Client), segment.IsOutgoing));
    }

    [Fact]
    public async Task Segmentation_offload_hands_over_packets_of_up_to_64_KiB_and_none_is_cut()
    {
        using var pair = new VethPair("10.0.0.1/24", "10.0.0.2/24");
        using TapSession tap = TapSession.Start(pair.Server, s_options with { Interfaces = ["server0"] });
        Capture capture = await AssertEachByteOnceAsync(tap, pair.Client, pair.Server, pair.ServerAddress, Bulk);
        Assert.Contains(capture.Segments, segment => segment.Length > 32 * 1024);
        Assert.DoesNotContain(capture.Segments, segment => segment.IsTruncated);
    }

    [Fact]
    public async Task BIG_TCP_packets_take_several_records()
    {
        using var pair = new VethPair("fd00::1/64", "fd00::2/64");
        pair.Client.Ip("link set client0 gso_max_size 190000 gro_max_size 190000");
        pair.Server.Ip("link set server0 gso_max_size 190000 gro_max_size 190000");
        using TapSession tap = TapSession.Start(pair.Server, s_options with { Interfaces = ["server0"] });
        Capture capture = await AssertEachByteOnceAsync(tap, pair.Client, pair.Server, pair.ServerAddress, 4 * Bulk);
        Assert.True(
            capture.Counters.Records > capture.Counters.Captured,
            "no packet was larger than a record: the kernel made none larger than 64 KiB"
        );
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task On_lo_each_byte_is_captured_once_on_its_way_out(string address)
    {
        using var host = new NetworkNamespace();
        using TapSession tap = TapSession.Start(host, s_options with { Interfaces = ["lo"] });
        Capture capture = await AssertEachByteOnceAsync(tap, host, host, IPAddress.Parse(address), Bulk);
        Assert.All(capture.Segments, segment => Assert.True(segment.IsOutgoing));
        Assert.Equal(capture.Counters.CapturedBytes, capture.Counters.DuplicateBytes);
    }

    [Fact]
    public async Task Any_captures_each_byte_once_between_two_pods_on_a_bridge()
    {
        using var node = new BridgedNode();
        using TapSession tap = TapSession.Start(node.Host, s_options with { Interfaces = [AgentOptions.AnyInterface] });
        Capture capture = await AssertEachByteOnceAsync(tap, node.FirstPod, node.SecondPod, node.SecondAddress, Bulk);
        // Out of one veth, over the bridge, into the other.
        Assert.True(capture.Counters.DuplicateBytes >= capture.Counters.CapturedBytes);
    }

    [Fact]
    public async Task Any_captures_each_byte_once_between_a_pod_and_its_node()
    {
        using var node = new BridgedNode();
        using TapSession tap = TapSession.Start(node.Host, s_options with { Interfaces = [AgentOptions.AnyInterface] });
        await AssertEachByteOnceAsync(tap, node.FirstPod, node.Host, node.HostAddress, Bulk);
    }

    [Fact]
    public async Task Any_captures_each_byte_once_on_lo()
    {
        using var host = new NetworkNamespace();
        using TapSession tap = TapSession.Start(host, s_options with { Interfaces = [AgentOptions.AnyInterface] });
        await AssertEachByteOnceAsync(tap, host, host, IPAddress.Loopback, Bulk);
    }

    [Fact]
    public async Task A_list_of_interfaces_captures_each_byte_once()
    {
        using var node = new BridgedNode();
        using TapSession tap = TapSession.Start(node.Host, s_options with { Interfaces = ["br0", "pod1", "pod2"] });
        await AssertEachByteOnceAsync(tap, node.FirstPod, node.SecondPod, node.SecondAddress, Bulk);
    }

    [Fact]
    public async Task Any_captures_the_next_connection_on_the_same_ports_too()
    {
        using var host = new NetworkNamespace();
        host.Exec("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40001", "net.ipv4.tcp_tw_reuse=1");
        using TapSession tap = TapSession.Start(host, s_options with { Interfaces = [AgentOptions.AnyInterface] });
        const int Connections = 5,
            Length = 1000;
        for (int i = 0; i < Connections; i++)
        {
            // Each server is on an address of its own, else the old connection's TIME_WAIT would forbid the port for a
            // minute.
            await TcpExchange.RunAsync(
                host,
                host,
                IPAddress.Parse($"127.0.0.{i + 1}"),
                Port,
                TcpExchange.Data(Length),
                TcpExchange.Data(Length)
            );
        }
        bool disturbed = host.IsDisturbed;
        ulong captured = tap.Stop().Counters.CapturedBytes;
        const ulong Sent = 2ul * Connections * Length;
        Assert.True(captured == Sent || (disturbed && captured > Sent), $"{captured} of {Sent} bytes");
    }

    [Theory]
    [InlineData("one", "on")]
    [InlineData("one", "off")]
    [InlineData("two", "on")]
    [InlineData("two", "off")]
    public async Task VLAN_tags_that_the_kernel_pushes_are_stepped_over(string tags, string offload)
    {
        using var pair = new VethPair("10.0.0.1/24", "10.0.0.2/24");
        VlanTags.Add(pair.Client, "client0", tags, offload);
        VlanTags.Add(pair.Server, "server0", tags, offload);
        using TapSession client = TapSession.Start(pair.Client, s_options with { Interfaces = ["client0"] });
        using TapSession server = TapSession.Start(pair.Server, s_options with { Interfaces = ["server0"] });
        await AssertEachByteOnceAsync(server, pair.Client, pair.Server, pair.ServerAddress, 1024 * 1024);

        TapCounters sent = client.Stop().Counters,
            received = server.Stop().Counters;
        Assert.Equal(received.CapturedBytes, sent.CapturedBytes);
        Assert.Equal(0ul, sent.Malformed + received.Malformed);
    }

    private static async Task<Capture> AssertEachByteOnceAsync(
        TapSession tap,
        NetworkNamespace client,
        NetworkNamespace server,
        IPAddress address,
        int length
    )
    {
        byte[] request = TcpExchange.Data(length, seed: 1),
            response = TcpExchange.Data(length / 2, seed: 2);
        TcpExchange exchange = await TcpExchange.RunAsync(client, server, address, Port, request, response);
        bool disturbed = client.IsDisturbed || server.IsDisturbed;
        Capture capture = tap.Stop();
        Assert.Equal(0ul, capture.Counters.Dropped);
        capture.AssertStream(exchange.Client, exchange.Server, request, disturbed);
        capture.AssertStream(exchange.Server, exchange.Client, response, disturbed);
        return capture;
    }
}
