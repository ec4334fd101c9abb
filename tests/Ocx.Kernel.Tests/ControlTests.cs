using System.Net;
using System.Net.Sockets;
using Ocx.Kernel.Tests.Harness;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Options;

namespace Ocx.Kernel.Tests;

/// <summary>
/// SYN, FIN and RST without payload reach the reader, once each where that can be known, and never in the place of
/// payload.
/// </summary>
public sealed class ControlTests : KernelTest, IDisposable
{
    private const byte Fin = 0x01,
        Syn = 0x02,
        Rst = 0x04,
        Push = 0x08,
        Ack = 0x10;

    // What a record of a header alone takes of the ring: 80 bytes, and 8 of the ring's own.
    private const int RecordSize = 88;

    private readonly NetworkNamespace _namespace = new();

    public ControlTests()
    {
        NetworkNamespace.Connect(_namespace, "tap0", _namespace, "peer0");
        NetworkNamespace.Connect(_namespace, "tap1", _namespace, "peer1");
    }

    public void Dispose() => _namespace.Dispose();

    [Theory]
    [InlineData(Syn)]
    [InlineData(Syn | Ack)]
    [InlineData(Fin | Ack)]
    [InlineData(Rst)]
    [InlineData(Rst | Ack)]
    public void A_packet_that_opens_or_ends_a_connection_is_a_header_alone(byte flags)
    {
        var frame = new TcpFrame
        {
            Flags = flags,
            Payload = [],
            Sequence = 4711,
        };
        Capture capture = Send(["tap0"], ("peer0", frame));
        Assert.Empty(capture.Segments);
        Segment control = Assert.Single(capture.Controls);
        Assert.Equal(flags, (byte)control.Flags);
        Assert.Equal(4711u, control.Sequence);
        Assert.Equal(new IPEndPoint(frame.Source, frame.SourcePort), control.Source);
        Assert.Equal(new IPEndPoint(frame.Destination, frame.DestinationPort), control.Destination);
        Assert.Empty(control.Payload);
        Assert.Equal((1ul, 1ul, 0ul), (capture.Counters.Empty, capture.Counters.Control, capture.Counters.ControlLost));
    }

    [Theory]
    [InlineData(Ack)]
    [InlineData(Ack | Push)]
    [InlineData(Ack | 0xE0)] // URG, ECE and CWR
    public void A_bare_acknowledgment_is_counted_and_not_captured(byte flags)
    {
        Capture capture = Send(["tap0"], ("peer0", new TcpFrame { Flags = flags, Payload = [] }));
        Assert.Empty(capture.Controls);
        Assert.Equal((1ul, 0ul, 0ul), (capture.Counters.Empty, capture.Counters.Control, capture.Counters.ControlLost));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task On_lo_each_beginning_and_end_is_told_once(string address)
    {
        using TapSession tap = TapSession.Start(_namespace, "lo");
        TcpExchange exchange = await TcpExchange.RunAsync(
            _namespace,
            _namespace,
            IPAddress.Parse(address),
            8080,
            TcpExchange.Data(100),
            TcpExchange.Data(100)
        );
        // Both ends are closed; the last of their packets is an acknowledgment: 3 to open, 4 to close, and at least 2
        // and 2 acknowledgments between.
        Assert.True(SpinWait.SpinUntil(() => tap.Counters.Control >= 4, TimeSpan.FromSeconds(5)), $"{tap.Counters}");
        Capture capture = tap.Stop();
        Assert.All(capture.Controls, control => Assert.True(control.IsOutgoing));
        AssertOpenedAndClosed(capture, exchange);
    }

    [Fact]
    public async Task Between_two_pods_on_a_bridge_each_end_is_told_once()
    {
        using var node = new BridgedNode();
        using TapSession tap = TapSession.Start(node.Host, AgentOptions.AnyInterface);
        TcpExchange exchange = await TcpExchange.RunAsync(
            node.FirstPod,
            node.SecondPod,
            node.SecondAddress,
            8080,
            TcpExchange.Data(100),
            TcpExchange.Data(100)
        );
        Assert.True(SpinWait.SpinUntil(() => tap.Counters.Control >= 4, TimeSpan.FromSeconds(5)), $"{tap.Counters}");
        Capture capture = tap.Stop();
        // The SYN of a connection without payload yet may be told by each interface.
        AssertOpenedAndClosed(
            capture with
            {
                Controls = [.. capture.Controls.DistinctBy(control => (control.Source, control.Flags))],
            },
            exchange
        );
        Assert.Equal(2, capture.Controls.Count(control => control.Flags.HasFlag(TcpFlags.Fin)));
    }

    [Fact]
    public async Task A_refused_connection_and_its_reset_are_told()
    {
        using TapSession tap = TapSession.Start(_namespace, "lo");
        using Socket client = _namespace.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        );
        await Assert.ThrowsAsync<SocketException>(async () =>
            await client.ConnectAsync(IPAddress.Loopback, 8080, TestContext.Current.CancellationToken)
        );
        Assert.True(SpinWait.SpinUntil(() => tap.Counters.Control >= 2, TimeSpan.FromSeconds(5)), $"{tap.Counters}");
        Assert.Equal([TcpFlags.Syn, TcpFlags.Rst | TcpFlags.Ack], tap.Stop().Controls.Select(control => control.Flags));
    }

    [Theory]
    [InlineData(Syn)]
    [InlineData(Fin | Ack)]
    [InlineData(Rst)]
    public void A_copy_on_another_interface_is_not_told_again(byte flags)
    {
        var data = new TcpFrame { Sequence = 1000 };
        var end = new TcpFrame
        {
            Flags = flags,
            Payload = [],
            Sequence = (flags & Syn) != 0 ? 5000 : 1000 + (uint)data.Payload.Length,
        };
        Capture capture = Send(
            ["tap0", "tap1"],
            ("peer0", data),
            ("peer1", data),
            ("peer0", end),
            ("peer1", end),
            ("peer0", end)
        );
        // The one that is told again was sent again: it came by the same way.
        Assert.Equal(2, capture.Controls.Count);
        Assert.Equal(capture.Controls[0].InterfaceIndex, capture.Controls[1].InterfaceIndex);
        Assert.Equal(1ul, capture.Counters.Duplicates);
    }

    [Theory]
    [InlineData(Fin | Ack)]
    [InlineData(Rst)]
    public void An_end_that_the_owner_of_the_flow_did_not_see_is_told(byte flags)
    {
        var data = new TcpFrame { Sequence = 1000 };
        var end = new TcpFrame
        {
            Flags = flags,
            Payload = [],
            Sequence = 1000 + (uint)data.Payload.Length,
        };
        Capture capture = Send(["tap0", "tap1"], ("peer0", data), ("peer1", end));
        Assert.NotEqual(Assert.Single(capture.Segments).InterfaceIndex, Assert.Single(capture.Controls).InterfaceIndex);
    }

    [Fact]
    public void A_flood_of_SYNs_leaves_the_ring_to_payload()
    {
        const int RingSize = 64 * 1024,
            Syns = 1009,
            DataFrames = 31;
        var options = new AgentOptions { Interfaces = ["tap0"], RingSize = RingSize };
        using TapSession tap = TapSession.StartWithoutReading(_namespace, options);
        using var link = new RawLink(_namespace, "peer0");
        for (int i = 0; i < Syns; i++)
        {
            link.Send(
                new TcpFrame
                {
                    Flags = Syn,
                    Payload = [],
                    SourcePort = (ushort)(2000 + i),
                }
            );
            if (i % 500 == 499)
            {
                tap.AwaitFiltered((ulong)i + 1); // no more at a time than the kernel's backlog takes
            }
        }
        for (int i = 0; i < DataFrames; i++)
        {
            link.Send(new TcpFrame { Payload = TcpExchange.Data(1024) });
        }
        tap.AwaitFiltered(Syns + DataFrames);

        Capture capture = tap.Stop();
        Assert.Equal(DataFrames, capture.Segments.Count);
        Assert.Equal(0ul, capture.Counters.Dropped);
        Assert.Equal((RingSize / 4 + RecordSize - 1) / RecordSize, (int)capture.Counters.Control);
        Assert.Equal((ulong)Syns, capture.Counters.Control + capture.Counters.ControlLost);
    }

    [Fact]
    public void A_flood_of_SYNs_does_not_push_flows_out()
    {
        const int Syns = 150_001; // more than twice the flows that are remembered
        var data = new TcpFrame();
        byte[] syn = new TcpFrame { Flags = Syn, Payload = [] }.ToBytes();
        var options = new AgentOptions { Interfaces = ["tap0", "tap1"] };
        using TapSession tap = TapSession.Start(_namespace, options);
        using RawLink link = new(_namespace, "peer0"),
            other = new(_namespace, "peer1");
        link.Send(data);
        for (int i = 0; i < Syns; i++)
        {
            const int SourceAddress = 14 + 12,
                SourcePort = 14 + 20;
            syn[SourceAddress + 1] = (byte)(1 + (i >> 16));
            syn[SourcePort] = (byte)(i >> 8);
            syn[SourcePort + 1] = (byte)i;
            link.Send(syn);
            if (i % 500 == 499)
            {
                // No more at a time than the kernel's backlog takes (netdev_max_backlog); one is the data before.
                tap.AwaitFiltered((ulong)i + 2);
            }
        }
        other.Send(data);
        tap.AwaitFiltered(Syns + 2);
        Capture capture = tap.Stop();
        Assert.Equal((1ul, 1ul), (capture.Counters.Captured, capture.Counters.Duplicates));
    }

    [Fact]
    public void Of_a_packet_in_several_records_the_first_opens_and_the_last_ends()
    {
        // So small a ring takes records of 1 KiB.
        var frame = new TcpFrame { Flags = Syn | Fin | Push | Ack, Payload = TcpExchange.Data(1400) };
        Capture capture = Send(["tap0"], 4096, ("peer0", frame));
        Assert.Equal([Syn | Ack, Fin | Push | Ack], capture.Segments.Select(segment => (int)segment.Flags));
        Assert.Equal([frame.Sequence, frame.Sequence + 1024], capture.Segments.Select(segment => segment.Sequence));
    }

    [Fact]
    public async Task Of_a_connections_last_packet_the_last_record_ends_it()
    {
        const int Length = 40_000;
        byte[] data = TcpExchange.Data(Length);
        using TapSession tap = TapSession.Start(
            _namespace,
            new AgentOptions { Interfaces = ["lo"], RingSize = 64 * 1024 }
        );
        using Socket listener = _namespace.Run(Open),
            client = _namespace.Run(Open);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
        listener.Listen();
        await client.ConnectAsync(IPAddress.Loopback, 8080, TestContext.Current.CancellationToken);
        using Socket server = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        // Held back until there is nothing more to come: the FIN leaves with the last of the data.
        client.SetRawSocketOption((int)ProtocolType.Tcp, optionName: 3, BitConverter.GetBytes(1)); // TCP_CORK
        await client.SendAsync(data, TestContext.Current.CancellationToken);
        client.Shutdown(SocketShutdown.Send);
        int received = 0,
            count;
        byte[] buffer = new byte[Length];
        while ((count = await server.ReceiveAsync(buffer, TestContext.Current.CancellationToken)) > 0)
        {
            received += count;
        }
        Assert.Equal(Length, received);

        Capture capture = tap.Stop();
        Assert.True(capture.Segments.Count > 2, $"{capture.Segments.Count} records");
        Assert.All(
            capture.Segments.SkipLast(1),
            segment => Assert.False(segment.Flags.HasFlag(TcpFlags.Fin), $"{segment} ends the stream")
        );
        Assert.True(capture.Segments[^1].Flags.HasFlag(TcpFlags.Fin), "the FIN did not leave with the data");
    }

    private static Socket Open() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private static void AssertOpenedAndClosed(Capture capture, TcpExchange exchange)
    {
        (IPEndPoint, TcpFlags)[] controls =
        [
            .. capture.Controls.Select(control => (control.Source, control.Flags & ~(TcpFlags)Push)),
        ];
        Assert.Equal([(exchange.Client, TcpFlags.Syn), (exchange.Server, TcpFlags.Syn | TcpFlags.Ack)], controls[..2]);
        Assert.Equal(
            [(exchange.Client, TcpFlags.Fin | TcpFlags.Ack), (exchange.Server, TcpFlags.Fin | TcpFlags.Ack)],
            controls[2..].OrderBy(control => control.Item1.Equals(exchange.Server))
        );
    }

    private Capture Send(string[] interfaces, params (string Link, TcpFrame Frame)[] frames) =>
        Send(interfaces, 1024 * 1024, frames);

    private Capture Send(string[] interfaces, uint ringSize, params (string Link, TcpFrame Frame)[] frames)
    {
        using RawLink peer0 = new(_namespace, "peer0"),
            peer1 = new(_namespace, "peer1");
        using TapSession tap = TapSession.Start(
            _namespace,
            new AgentOptions { Interfaces = interfaces, RingSize = ringSize }
        );
        ulong sent = 0;
        foreach ((string link, TcpFrame frame) in frames)
        {
            (link == "peer0" ? peer0 : peer1).Send(frame);
            // One after the other: two links have two queues.
            tap.AwaitFiltered(++sent);
        }
        return tap.Stop();
    }
}
