namespace Ocx.Api;

/// <summary>What holds for every count of the API: it is never negative, and sums stop at the largest one.</summary>
public static class Counts
{
    /// <summary>
    /// The largest count, 2⁶¹: a year and a half of bytes at 400 Gbit/s. The definitions refuse a larger one, so a sum
    /// that did not stop here would make every later write of a status fail.
    /// </summary>
    public const long Largest = 1L << 61;

    /// <summary>Adds two counts.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum, between 0 and <see cref="Largest"/>.</returns>
    public static long Sum(long left, long right) => (long)Int128.Clamp((Int128)left + right, 0, Largest);
}
