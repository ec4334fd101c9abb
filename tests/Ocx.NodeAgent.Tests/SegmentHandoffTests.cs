using Ocx.NodeAgent.Capture;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class SegmentHandoffTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Every_segment_is_handed_over_in_order_whatever_its_size(int gatherMilliseconds)
    {
        using var stream = new MemoryStream();
        var sink = Handoff(stream, TimeSpan.FromMilliseconds(gatherMilliseconds));
        Task running = sink.RunAsync(TestContext.Current.CancellationToken);
        var expected = new MemoryStream();

        // Prime counts and sizes, so that blocks never end where segments do by chance.
        for (int i = 0; i < 997; i++)
        {
            byte[] payload = new byte[1 + i * 7919 % 65536];
            Array.Fill(payload, (byte)i);
            expected.Write(payload);
            sink.Accept(CapturedSegment.Read(Records.Ipv4(payload)));
            if (i % 13 == 0)
            {
                sink.EndOfBatch();
                // The real capture thread sleeps when the ring is empty, and the consumer catches up.
                await WaitUntilPrinted(stream, expected.Length);
            }
        }
        sink.EndOfBatch();
        sink.Complete();
        await running;

        Assert.Equal(0ul, sink.Shed);
        Assert.Equal(expected.ToArray(), stream.ToArray());
    }

    [Fact]
    public async Task Gathering_ends_when_a_block_is_full()
    {
        using var stream = new MemoryStream();
        var sink = Handoff(stream, TimeSpan.FromHours(1));
        Task running = sink.RunAsync(TestContext.Current.CancellationToken);
        byte[] payload = new byte[65536];
        for (int i = 0; i < 4; i++)
        {
            sink.Accept(CapturedSegment.Read(Records.Ipv4(payload)));
            sink.EndOfBatch();
        }
        await WaitUntilPrinted(stream, 3 * payload.Length);
        Assert.InRange(stream.Length, 3 * payload.Length, 4 * payload.Length);

        sink.Complete();
        await running;
        Assert.Equal(4 * payload.Length, stream.Length);
    }

    [Fact]
    public async Task What_is_gathered_when_no_more_will_come_is_handed_over_at_once()
    {
        using var stream = new MemoryStream();
        var sink = Handoff(stream, TimeSpan.FromHours(1));
        Task running = sink.RunAsync(TestContext.Current.CancellationToken);
        sink.Accept(CapturedSegment.Read(Records.Ipv4("{}"u8)));
        sink.EndOfBatch();
        sink.Complete();
        await running;
        Assert.Equal("{}"u8, stream.ToArray());
    }

    [Fact]
    public void Small_batches_fill_a_block_together()
    {
        var sink = Handoff(Stream.Null);
        byte[] record = Records.Ipv4("{}"u8);
        for (int i = 0; i < 1009; i++)
        {
            sink.Accept(CapturedSegment.Read(record));
            sink.EndOfBatch();
        }

        // Nobody runs the sink, and it has 64 blocks.
        Assert.Equal(0ul, sink.Shed);
    }

    [Fact]
    public void A_consumer_that_takes_nothing_costs_segments_that_are_counted_and_does_not_block()
    {
        var sink = Handoff(Stream.Null);
        byte[] record = Records.Ipv4(new byte[65536]);
        const int Segments = 1009;

        for (int i = 0; i < Segments; i++)
        {
            sink.Accept(CapturedSegment.Read(record));
        }

        // Nobody runs the sink: 64 blocks of 256 KiB hold three such segments each.
        Assert.Equal((ulong)(Segments - 64 * 3), sink.Shed);
    }

    [Fact]
    public async Task A_flood_of_segments_without_payload_sheds_none_with_payload()
    {
        using var stream = new MemoryStream();
        var sink = Handoff(stream);
        byte[] flood = Records.Syn(),
            record = Records.Ipv4(new byte[65536]);
        const ulong Flood = 200_003; // 64 blocks hold less
        for (ulong i = 0; i < Flood; i++)
        {
            sink.Accept(CapturedSegment.Read(flood));
        }
        Assert.InRange(sink.ShedControl, 1ul, Flood);

        // Nobody runs the sink yet. Three such segments fill a block, and three quarters of 64 are left.
        const int Segments = 3 * 48;
        for (int i = 0; i < Segments; i++)
        {
            sink.Accept(CapturedSegment.Read(record));
            sink.Accept(CapturedSegment.Read(flood));
        }
        Assert.Equal(0ul, sink.Shed);

        ulong shed = sink.ShedControl;
        Task running = sink.RunAsync(TestContext.Current.CancellationToken);
        sink.EndOfBatch();
        await WaitUntilPrinted(stream, Segments * 65536L);
        sink.Accept(CapturedSegment.Read(flood));
        sink.EndOfBatch();
        sink.Complete();
        await running;
        Assert.Equal(shed, sink.ShedControl);
        Assert.Equal(Segments * 65536L, stream.Length);
    }

    [Fact]
    public void Accepting_a_segment_allocates_nothing_once_blocks_are_there()
    {
        var sink = Handoff(Stream.Null);
        byte[] record = Records.Ipv4("{}"u8);
        sink.Accept(CapturedSegment.Read(record));

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1009; i++)
        {
            sink.Accept(CapturedSegment.Read(record));
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static async Task WaitUntilPrinted(MemoryStream stream, long length)
    {
        for (int i = 0; stream.Length < length && i < 10_000; i++)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private static SegmentHandoff Handoff(Stream to, TimeSpan gather = default) =>
        new("test", new PayloadCopier(to), gather);

    private sealed class PayloadCopier(Stream to) : ISegmentConsumer
    {
        public void Accept(in CapturedSegment segment) => to.Write(segment.Payload);
    }
}
