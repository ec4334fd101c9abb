using System.Globalization;

namespace Ocx.TapBench.Overhead;

/// <summary>
/// The same work over a link that is tapped and over one that is not, or with a tap and without: nanoseconds or bytes
/// per second.
/// </summary>
internal readonly record struct Pair(double Tapped, double Without)
{
    /// <summary>Two numbers with a space between them.</summary>
    public static Pair Parse(string text)
    {
        double[] numbers = [.. text.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return new Pair(numbers[0], numbers[1]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Tapped:F0} {Without:F0}");
}
