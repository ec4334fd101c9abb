namespace Ocx.Ledger.Tests;

public sealed class LatencyBucketsTests
{
    [Fact]
    public void A_duration_is_in_the_class_whose_bounds_hold_it()
    {
        for (double ms = 0.01; ms < 1_000_000; ms *= 1.01)
        {
            TimeSpan took = TimeSpan.FromMilliseconds(ms);
            int bucket = LatencyBuckets.Of(took);
            Assert.True(took <= LatencyBuckets.End(bucket), $"{took} is not in class {bucket}");
            Assert.True(bucket == 0 || took > LatencyBuckets.End(bucket - 1), $"{took} is before class {bucket}");
        }

        Assert.Equal(0, LatencyBuckets.Of(TimeSpan.FromSeconds(-5)));
        Assert.Equal(LatencyBuckets.Count - 1, LatencyBuckets.Of(TimeSpan.MaxValue));
    }

    [Fact]
    public void Quantiles_are_as_near_as_the_classes_are_wide()
    {
        long[] counts = new long[LatencyBuckets.Count];
        Assert.Equal(TimeSpan.Zero, LatencyBuckets.Quantile(counts, 0.5));
        for (int ms = 1; ms <= 1000; ms++)
        {
            counts[LatencyBuckets.Of(TimeSpan.FromMilliseconds(ms))]++;
        }

        Assert.InRange(LatencyBuckets.Quantile(counts, 0.5).TotalMilliseconds, 450, 550);
        Assert.InRange(LatencyBuckets.Quantile(counts, 0.99).TotalMilliseconds, 900, 1200);
    }
}
