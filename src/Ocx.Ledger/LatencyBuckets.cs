namespace Ocx.Ledger;

/// <summary>
/// Durations in a fixed number of classes, each ending 1.41 times later than the one before: from 0.1 ms to 28 minutes.
/// Their bounds stand in stores: they never change.
/// </summary>
internal static class LatencyBuckets
{
    /// <summary>How many; the last one has no end.</summary>
    public const int Count = 50;

    private const double FirstMs = 0.1;

    /// <summary>The class of a duration; one below zero, of two clocks, is of the first.</summary>
    public static int Of(TimeSpan took) =>
        took.TotalMilliseconds <= FirstMs
            ? 0
            : Math.Min(Count - 1, (int)Math.Ceiling((Math.Log2(took.TotalMilliseconds / FirstMs) * 2) - 1e-9));

    /// <summary>The longest duration of a class.</summary>
    public static TimeSpan End(int bucket) => TimeSpan.FromMilliseconds(FirstMs * Math.Pow(2, bucket / 2.0));

    /// <summary>The duration that a share of all do not exceed, read off between the bounds of its class.</summary>
    /// <param name="counts">How many of each class.</param>
    /// <param name="share">0.5 is the median.</param>
    public static TimeSpan Quantile(ReadOnlySpan<long> counts, double share)
    {
        long all = 0;
        foreach (long count in counts)
        {
            all += count;
        }

        double rank = all * share;
        double before = 0;
        for (int bucket = 0; bucket < counts.Length; bucket++)
        {
            if (counts[bucket] > 0 && before + counts[bucket] >= rank)
            {
                TimeSpan start = bucket == 0 ? TimeSpan.Zero : End(bucket - 1);
                return start + ((End(bucket) - start) * ((rank - before) / counts[bucket]));
            }

            before += counts[bucket];
        }

        return TimeSpan.Zero;
    }
}
