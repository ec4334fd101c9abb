using Ocx.NodeAgent.Capture;
using Xunit;

namespace Ocx.NodeAgent.Tests;

public class CapturedSegmentTests
{
    [Fact]
    public void A_record_is_read_where_it_lies_without_the_rings_slack()
    {
        CapturedSegment segment = CapturedSegment.Read(Records.Ipv4("hello"u8));

        Assert.Equal("hello"u8, segment.Payload);
        Assert.Equal("10.0.1.5:54321", segment.Source.ToString());
        Assert.Equal("10.0.1.10:8080", segment.Destination.ToString());
        Assert.Equal(5, segment.Length);
        Assert.False(segment.IsOutgoing);
    }

    [Fact]
    public void A_record_shorter_than_it_claims_is_refused()
    {
        byte[] record = Records.Ipv4(new byte[100]);

        Assert.Throws<InvalidDataException>(() => CapturedSegment.Read(record.AsSpan(0, 40)));
        Assert.Throws<InvalidDataException>(() => CapturedSegment.Read(record.AsSpan(0, 120)));
    }

    [Fact]
    public void Counters_of_all_cpus_add_up_field_by_field()
    {
        TapCounters sum = TapCounters.Sum([
            new TapCounters
            {
                Total = 3,
                Captured = 1,
                DroppedRingFull = 1,
                Records = 4,
            },
            new TapCounters
            {
                Total = 5,
                Captured = 2,
                DroppedCopyFailed = 2,
                Records = 6,
            },
        ]);

        Assert.Equal(
            new TapCounters
            {
                Total = 8,
                Captured = 3,
                DroppedRingFull = 1,
                DroppedCopyFailed = 2,
                Records = 10,
            },
            sum
        );
        Assert.Equal(3ul, sum.Dropped);
    }
}
