using System.Net;
using System.Net.Sockets;
using Ocx.Kernel.Tests.Harness;
using Ocx.NodeAgent.Options;

namespace Ocx.Kernel.Tests;

/// <summary>
/// What the filter makes of a single frame, well formed or not, as it arrives on a veth or leaves by it.
/// </summary>
public sealed class FrameTests : KernelTest, IDisposable
{
    private static readonly IPAddress s_source6 = IPAddress.Parse("fd00::1");
    private static readonly IPAddress s_destination6 = IPAddress.Parse("fd00::2");

    private readonly NetworkNamespace _namespace = new();

    public FrameTests() => NetworkNamespace.Connect(_namespace, "tap0", _namespace, "peer0");

    public void Dispose() => _namespace.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_IPv4_segment_is_captured_as_it_is(bool outgoing) => AssertCaptured(new TcpFrame(), outgoing);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_IPv6_segment_is_captured_as_it_is(bool outgoing) => AssertCaptured(V6(), outgoing);

    [Theory]
    [InlineData(40000, 8080)]
    [InlineData(8080, 40000)]
    public void The_port_matches_at_either_end(ushort source, ushort destination) =>
        AssertCaptured(new TcpFrame { SourcePort = source, DestinationPort = destination });

    [Fact]
    public void Other_ports_are_counted_in_the_total_alone()
    {
        Capture capture = Send(new TcpFrame { DestinationPort = 8081 }, expectFiltered: 0);
        Assert.Empty(capture.Segments);
        Assert.Equal(0ul, capture.Counters.Filtered);
    }

    [Fact]
    public void Up_to_16_ports_are_tapped_at_once()
    {
        ushort[] ports = [.. Enumerable.Range(9000, AgentOptions.MaxPorts).Select(port => (ushort)port)];
        using var link = new RawLink(_namespace, "peer0");
        using TapSession tap = TapSession.Start(_namespace, new AgentOptions { Interfaces = ["tap0"], Ports = ports });
        foreach (ushort port in ports)
        {
            link.Send(new TcpFrame { DestinationPort = port });
        }
        link.Send(new TcpFrame { DestinationPort = 8999 });
        link.Send(new TcpFrame { DestinationPort = 9016 });
        tap.AwaitFiltered((ulong)ports.Length);
        Assert.Equal(ports, tap.Stop().Segments.Select(segment => (ushort)segment.Destination.Port));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(24)]
    [InlineData(40)]
    public void IPv4_options_are_stepped_over(int bytes) =>
        AssertCaptured(new TcpFrame { Ipv4Options = NoOperations(bytes) });

    [Theory]
    [InlineData(12)]
    [InlineData(40)]
    public void TCP_options_are_stepped_over(int bytes) =>
        AssertCaptured(new TcpFrame { TcpOptions = NoOperations(bytes) });

    [Fact]
    public void IPv6_extension_headers_are_stepped_over() =>
        AssertCaptured(
            V6() with
            {
                Extensions =
                [
                    (0, Extension(units: 0)), // hop-by-hop options
                    (60, Extension(units: 2)), // destination options
                    (43, Extension(units: 1)), // routing
                    (51, [4, .. new byte[22]]), // authentication: (4 + 2) * 4 bytes
                    (135, Extension(units: 0)), // mobility
                ],
            }
        );

    [Fact]
    public void An_atomic_IPv6_fragment_is_a_whole_packet() =>
        AssertCaptured(V6() with { Extensions = [(44, Fragment(offset: 0, more: false))] });

    [Theory]
    [InlineData(TcpFrame.VlanTag)]
    [InlineData(TcpFrame.ServiceTag)]
    public void A_VLAN_tag_is_stepped_over(ushort type)
    {
        AssertCaptured(new TcpFrame { Vlans = [(type, 10)] });
        AssertCaptured(V6() with { Vlans = [(type, 10)] });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Two_VLAN_tags_are_stepped_over(bool outgoing)
    {
        AssertCaptured(new TcpFrame { Vlans = [(TcpFrame.ServiceTag, 10), (TcpFrame.VlanTag, 20)] }, outgoing);
        AssertCaptured(V6() with { Vlans = [(TcpFrame.VlanTag, 10), (TcpFrame.VlanTag, 20)] }, outgoing);
    }

    [Fact]
    public void Padding_behind_the_packet_is_no_payload()
    {
        AssertCaptured(new TcpFrame { Payload = "x"u8.ToArray(), Padding = 20 });
        Capture empty = Send(new TcpFrame { Payload = [], Padding = 6 });
        Assert.Empty(empty.Segments);
        Assert.Equal(1ul, empty.Counters.Empty);
    }

    [Theory]
    [InlineData(0x2000)]
    [InlineData(0x2010)]
    [InlineData(0x0010)]
    public void An_IPv4_fragment_is_counted_and_not_read(ushort fragment) =>
        AssertFragment(new TcpFrame { Ipv4Fragment = fragment });

    [Theory]
    [InlineData(0, true)]
    [InlineData(8, true)]
    [InlineData(8, false)]
    public void An_IPv6_fragment_is_counted_and_not_read(ushort offset, bool more) =>
        AssertFragment(V6() with { Extensions = [(44, Fragment(offset, more))] });

    [Fact]
    public void Headers_that_contradict_themselves_are_counted_and_not_read()
    {
        TcpFrame[] malformed =
        [
            new() { LengthError = 1 },
            new() { LengthError = -30 },
            new() { DataOffset = 4 },
            new() { DataOffset = 15 },
            new() { HeaderWords = 4 },
            new() { HeaderWords = 15 },
            new() { CutAt = 14 + 10 },
            new() { CutAt = 14 + 20 + 10 },
            V6() with
            {
                LengthError = 1,
            },
            V6() with
            {
                LengthError = -20,
            },
            V6() with
            {
                CutAt = 14 + 39,
            },
            V6() with
            {
                Extensions = [(0, [250, .. new byte[6]])],
            },
        ];
        foreach (TcpFrame frame in malformed)
        {
            Capture capture = Send(frame, expectFiltered: 0);
            Assert.Empty(capture.Segments);
            Assert.True(capture.Counters.Malformed == 1, $"{frame} counted as {capture.Counters}");
        }
    }

    [Fact]
    public void Other_protocols_are_not_malformed_however_short_their_packets()
    {
        int udp = 14 + 20 + 8,
            ping = 14 + 40 + 8;
        TcpFrame[] other =
        [
            new() { Protocol = ProtocolType.Udp },
            new() { Protocol = ProtocolType.Udp, CutAt = udp },
            V6() with
            {
                Protocol = ProtocolType.IcmpV6,
            },
            V6() with
            {
                Protocol = ProtocolType.IcmpV6,
                CutAt = ping,
            },
        ];
        foreach (TcpFrame frame in other)
        {
            Capture capture = Send(frame, expectFiltered: 0);
            Assert.Empty(capture.Segments);
            Assert.Equal(0ul, capture.Counters.Filtered + capture.Counters.Malformed + capture.Counters.Fragments);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1000)]
    public void The_snap_length_cuts_the_payload_and_says_so(int snapLength)
    {
        byte[] payload = TcpExchange.Data(1400);
        Capture capture = Send(new TcpFrame { Payload = payload }, new AgentOptions { SnapLength = snapLength });

        Segment segment = Assert.Single(capture.Segments);
        Assert.Equal(payload[..snapLength], segment.Payload);
        Assert.True(segment.IsTruncated);
        Assert.Equal(1400, segment.Length);
        Assert.Equal(1ul, capture.Counters.Truncated);
        Assert.Equal((ulong)(1400 - snapLength), capture.Counters.TruncatedBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1024)]
    [InlineData(1460)]
    public void Payloads_around_the_size_classes_are_captured_whole(int length) =>
        AssertCaptured(new TcpFrame { Payload = TcpExchange.Data(length) });

    private static TcpFrame V6() => new() { Source = s_source6, Destination = s_destination6 };

    private static byte[] NoOperations(int count) => [.. Enumerable.Repeat((byte)1, count)];

    /// <summary>An extension header of 8 bytes and so many more units of 8, without its first byte.</summary>
    private static byte[] Extension(byte units) => [units, .. new byte[6 + 8 * units]];

    private static byte[] Fragment(ushort offset, bool more) =>
        [0, (byte)(offset >> 5), (byte)((offset << 3) | (more ? 1 : 0)), 0, 0, 0, 7];

    private void AssertCaptured(TcpFrame frame, bool outgoing = false)
    {
        Capture capture = Send(frame, outgoing: outgoing);
        Segment segment = Assert.Single(capture.Segments);
        Assert.Equal(frame.Payload, segment.Payload);
        Assert.Equal(new IPEndPoint(frame.Source, frame.SourcePort), segment.Source);
        Assert.Equal(new IPEndPoint(frame.Destination, frame.DestinationPort), segment.Destination);
        Assert.Equal(frame.Sequence, segment.Sequence);
        Assert.Equal(frame.Payload.Length, segment.Length);
        Assert.Equal(outgoing, segment.IsOutgoing);
        Assert.False(segment.IsTruncated);
        Assert.Equal(1ul, capture.Counters.Captured);
    }

    private void AssertFragment(TcpFrame frame)
    {
        Capture capture = Send(frame, expectFiltered: 0);
        Assert.Empty(capture.Segments);
        Assert.Equal(1ul, capture.Counters.Fragments);
        Assert.Equal(0ul, capture.Counters.Filtered);
    }

    private Capture Send(TcpFrame frame, AgentOptions? options = null, bool outgoing = false, ulong expectFiltered = 1)
    {
        using var link = new RawLink(_namespace, outgoing ? "tap0" : "peer0");
        using TapSession tap = TapSession.Start(
            _namespace,
            (options ?? new AgentOptions()) with
            {
                Interfaces = ["tap0"],
            }
        );
        link.Send(frame);
        if (expectFiltered > 0)
        {
            tap.AwaitFiltered(expectFiltered);
        }
        else
        {
            Assert.True(
                SpinWait.SpinUntil(() => tap.Counters.Total > 0, TimeSpan.FromSeconds(5)),
                "the frame never came"
            );
        }
        return tap.Stop();
    }
}
