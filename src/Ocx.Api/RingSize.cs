using System.Globalization;

namespace Ocx.Api;

/// <summary>The sizes that a ring buffer may have: powers of two from 64Ki to 1Gi, written as Kubernetes writes quantities.</summary>
public static class RingSize
{
    private const long Smallest = 64L << 10;
    private const long Largest = 1L << 30;

    /// <summary>Parses a size.</summary>
    /// <param name="text">A size such as <c>16Mi</c>.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="FormatException">It is no such size.</exception>
    public static long ToBytes(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var shift = text.Length < 3 ? 0 : text[^2..] switch { "Ki" => 10, "Mi" => 20, "Gi" => 30, _ => 0 };
        if (shift == 0
            || !long.TryParse(text[..^2], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number > 1024
            || !long.IsPow2(number)
            || number << shift is < Smallest or > Largest)
        {
            throw new FormatException($"The ring size '{text}' is no power of two from 64Ki to 1Gi.");
        }

        return number << shift;
    }

    /// <summary>Writes a size as Kubernetes does.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The size in the largest unit that divides it.</returns>
    public static string Format(long bytes) => bytes switch
    {
        >= 1L << 30 when bytes % (1L << 30) == 0 => $"{bytes >> 30}Gi",
        >= 1L << 20 when bytes % (1L << 20) == 0 => $"{bytes >> 20}Mi",
        _ => $"{bytes >> 10}Ki",
    };

    /// <summary>The size to try when a ring of this size overflows.</summary>
    /// <param name="text">The present size.</param>
    /// <returns>Twice the size, or null at the largest.</returns>
    public static string? NextLarger(string text)
    {
        var bytes = ToBytes(text);
        return bytes >= Largest ? null : Format(bytes * 2);
    }
}
