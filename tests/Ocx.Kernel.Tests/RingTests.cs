using System.Net;
using Ocx.Kernel.Tests.Harness;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Options;

namespace Ocx.Kernel.Tests;

/// <summary>
/// The ring under pressure: what does not fit is counted, and nothing is allocated on the way through.
/// </summary>
public sealed class RingTests : KernelTest
{
    private static readonly byte[] s_data = TcpExchange.Data(16 * 1024 * 1024);

    [Theory]
    [InlineData(4 * 1024)]
    [InlineData(64 * 1024)]
    [InlineData(1024 * 1024)]
    public async Task A_ring_too_small_for_a_flood_loses_packets_and_counts_each(int ringSize)
    {
        using var host = new NetworkNamespace();
        var options = new AgentOptions { Interfaces = ["lo"], RingSize = (uint)ringSize };
        // Stop() holds the counters to their identities: what was sent was captured or is counted as lost.
        using TapSession tap = TapSession.Start(host, options, new DiscardingSink());
        await TcpExchange.RunAsync(host, host, IPAddress.Loopback, 8080, s_data, s_data);
        TapCounters counters = tap.Stop().Counters;

        AssertAllAccountedFor(host, 2 * s_data.Length, counters);
        Assert.True(counters.CapturedBytes > 0, $"nothing was captured: {counters}");
        Assert.Equal(0ul, counters.DroppedCopyFailed);
    }

    [Fact]
    public async Task A_reader_that_stands_still_costs_packets_and_the_count_is_exact()
    {
        using var host = new NetworkNamespace();
        var options = new AgentOptions { Interfaces = ["lo"], RingSize = 1024 * 1024 };
        // Stop() reads what the ring holds and compares it with what was counted.
        using TapSession tap = TapSession.StartWithoutReading(host, options, new DiscardingSink());
        await TcpExchange.RunAsync(host, host, IPAddress.Loopback, 8080, s_data, []);
        TapCounters counters = tap.Stop().Counters;
        Assert.True(counters.DroppedRingFull > 0, $"16 MiB fitted into 1 MiB: {counters}");
        AssertAllAccountedFor(host, s_data.Length, counters);
        Assert.InRange(counters.CapturedBytes, 512ul * 1024, 1024ul * 1024);
    }

    [Fact]
    public void How_full_the_ring_is_and_was_is_known()
    {
        const int RingSize = 64 * 1024,
            Frames = 101;
        // A payload in its size class, and the headers of the record and of the ring.
        const int Waiting = Frames * (128 + 80 + 8);
        using var host = new NetworkNamespace();
        NetworkNamespace.Connect(host, "tap0", host, "peer0");
        using var link = new RawLink(host, "peer0");
        using TapSession tap = TapSession.StartWithoutReading(
            host,
            new AgentOptions { Interfaces = ["tap0"], RingSize = RingSize }
        );
        Assert.Equal((RingSize, 0, 0), (tap.Ring.Size, tap.Ring.Used, tap.Ring.Highest));
        for (int i = 0; i < Frames; i++)
        {
            link.Send(new TcpFrame());
        }
        tap.AwaitFiltered(Frames);
        Assert.Equal((Waiting, 0), (tap.Ring.Used, tap.Ring.Highest));
        tap.Stop();
        Assert.Equal((0, Waiting), (tap.Ring.Used, tap.Ring.Highest));
    }

    [Fact]
    public async Task A_flood_from_several_connections_keeps_the_accounts_and_each_flows_order()
    {
        using var host = new NetworkNamespace();
        using TapSession tap = TapSession.Start(
            host,
            new AgentOptions
            {
                Interfaces = ["lo"],
                Ports = [9001, 9002, 9003, 9004],
                RingSize = 256 * 1024 * 1024,
            }
        );
        byte[] data = s_data[..(4 * 1024 * 1024)];
        TcpExchange[] exchanges = await Task.WhenAll(
            Enumerable
                .Range(9001, 4)
                .Select(port => TcpExchange.RunAsync(host, host, IPAddress.Loopback, (ushort)port, data, data))
        );
        Capture capture = tap.Stop();
        Assert.Equal(0ul, capture.Counters.Dropped);
        Assert.All(
            exchanges,
            exchange => capture.AssertStream(exchange.Client, exchange.Server, data, host.IsDisturbed)
        );
    }

    [Fact]
    public async Task The_capture_path_allocates_nothing_per_event()
    {
        using var host = new NetworkNamespace();
        var options = new AgentOptions { Interfaces = ["lo"], RingSize = 64 * 1024 * 1024 };
        var handoff = new SegmentHandoff("silent", new SilentConsumer());
        var sink = new AllocationSink(handoff);
        using TapSession tap = TapSession.Start(host, options, sink);
        // With nobody taking yet the sink comes to hold all the blocks that it ever allocates.
        await TcpExchange.RunAsync(host, host, IPAddress.Loopback, 8080, s_data, s_data);
        Assert.True(SpinWait.SpinUntil(() => handoff.Shed > 0, TimeSpan.FromSeconds(10)), "the sink still has room");

        Task taking = handoff.RunAsync(TestContext.Current.CancellationToken);
        sink.Begin();
        await TcpExchange.RunAsync(host, host, IPAddress.Loopback, 8080, s_data, s_data);
        tap.Stop();
        handoff.Complete();
        await taking;

        Assert.True(sink.Measured > 200, $"only {sink.Measured} events measured");
        Assert.Equal(0, sink.AllocatedBytes);
    }

    // A sender that sent segments again sent more than it was given.
    private static void AssertAllAccountedFor(NetworkNamespace host, int sent, TapCounters counters)
    {
        ulong seen = counters.CapturedBytes + counters.DroppedBytes;
        Assert.True(
            seen == (ulong)sent || (seen > (ulong)sent && host.IsDisturbed),
            $"{sent} bytes sent, {seen} accounted for"
        );
    }

    /// <summary>Measures what the capture thread allocates from event to event, the sink behind it included.</summary>
    private sealed class AllocationSink(SegmentSink next) : SegmentSink
    {
        private volatile bool _measuring;
        private long? _atStart;

        public int Measured { get; private set; }

        public long AllocatedBytes { get; private set; }

        public void Begin() => _measuring = true;

        public override void Accept(in CapturedSegment segment)
        {
            if (_measuring)
            {
                long allocated = GC.GetAllocatedBytesForCurrentThread();
                _atStart ??= allocated;
                AllocatedBytes = allocated - _atStart.Value;
                Measured++;
            }
            next.Accept(segment);
        }

        public override void EndOfBatch() => next.EndOfBatch();
    }

    private sealed class SilentConsumer : ISegmentConsumer
    {
        public void Accept(in CapturedSegment segment) { }
    }
}
