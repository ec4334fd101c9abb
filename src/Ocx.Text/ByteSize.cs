using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ocx.Text;

/// <summary>A size in bytes, written as Kubernetes writes binary quantities: <c>16Mi</c>, <c>65536</c>.</summary>
public static class ByteSize
{
    private static readonly (string Suffix, int Shift)[] s_units = [("Ki", 10), ("Mi", 20), ("Gi", 30)];

    /// <summary>Reads a size: digits, and <c>Ki</c>, <c>Mi</c>, <c>Gi</c> or no unit.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">The bytes; not negative.</param>
    /// <returns>False when it is no such size, or one beyond 64 bits.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out long bytes)
    {
        bytes = 0;
        if (text is null)
        {
            return false;
        }
        ReadOnlySpan<char> number = text;
        int shift = 0;
        foreach ((string suffix, int unitShift) in s_units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                number = number[..^suffix.Length];
                shift = unitShift;
            }
        }
        if (
            !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            || count > long.MaxValue >> shift
        )
        {
            return false;
        }
        bytes = count << shift;
        return true;
    }

    /// <summary>Writes the size with the largest unit that divides it.</summary>
    public static string Format(long bytes)
    {
        for (int unit = s_units.Length - 1; unit >= 0; unit--)
        {
            (string suffix, int shift) = s_units[unit];
            if (bytes >= 1L << shift && bytes % (1L << shift) == 0)
            {
                return (bytes >> shift).ToString(CultureInfo.InvariantCulture) + suffix;
            }
        }
        return bytes.ToString(CultureInfo.InvariantCulture);
    }
}
