using System.Globalization;

namespace Ocx.AuditBench;

/// <summary>Medians and percentiles, and lines that tell them.</summary>
internal static class Figures
{
    /// <summary>The value that this share of the values does not exceed.</summary>
    public static double Percentile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    public static void Tell(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
