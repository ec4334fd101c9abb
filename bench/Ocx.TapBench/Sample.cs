namespace Ocx.TapBench;

/// <summary>What a set of rounds says.</summary>
internal static class Sample
{
    /// <summary>The middle value: a round that something else disturbed does not move it.</summary>
    public static double Median(this IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 != 0 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
