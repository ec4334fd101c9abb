using System.Globalization;

namespace Ocx.Cli.Status;

/// <summary>A series of an agent's <c>/metrics</c>.</summary>
/// <param name="Name">The metric with its labels.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct Series(string Name, double Value)
{
    /// <summary>Does it count what was lost?</summary>
    public bool IsLoss =>
        Name.Contains("dropped", StringComparison.Ordinal)
        || Name.Contains("shed", StringComparison.Ordinal)
        || Name.Contains("overflow", StringComparison.Ordinal);

    /// <summary>Is it one of the agent's own, and no part of a histogram?</summary>
    public bool IsOfInterest =>
        Name.StartsWith("ocx_", StringComparison.Ordinal) && !Name.Contains("_bucket", StringComparison.Ordinal);

    /// <summary>Reads the text format of Prometheus.</summary>
    public static IEnumerable<Series> Parse(string text)
    {
        foreach (
            string line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        )
        {
            // A label's value may hold blanks: the value stands behind the last brace, or the first blank where there
            // is none.
            int end =
                line.LastIndexOf('}') is var brace && brace >= 0
                    ? brace + 1
                    : line.IndexOf(' ', StringComparison.Ordinal);
            if (
                line[0] != '#'
                && end > 0
                && double.TryParse(
                    line[end..].Trim().Split(' ')[0],
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out double value
                )
            )
            {
                yield return new Series(line[..end], value);
            }
        }
    }
}
