namespace Ocx.GateBench.Reporting;

/// <summary>What a set of values says.</summary>
internal static class Sample
{
    /// <summary>The value that this share of the values does not exceed.</summary>
    public static double Percentile(this IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    public static double Median(this IEnumerable<double> values) => values.Percentile(0.5);
}
