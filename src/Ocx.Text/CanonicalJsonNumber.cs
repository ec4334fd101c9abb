using System.Buffers.Text;
using System.Globalization;

namespace Ocx.Text;

/// <summary>Numbers as ECMAScript writes them (RFC 8785, 3.2.2.3; ECMA-262, Number::toString).</summary>
internal static class CanonicalJsonNumber
{
    /// <summary>Bytes of the longest number: sign, point, four zeros, 17 digits and an exponent fit.</summary>
    public const int MaxLength = 32;

    // From here on, and below the sixth decimal, ECMAScript writes an exponent.
    private const int LargestPlain = 21,
        SmallestPlain = -5;

    /// <summary>Writes the number that a literal stands for.</summary>
    /// <param name="literal">A JSON number.</param>
    /// <param name="to">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="written">Bytes written.</param>
    /// <returns>False when no double holds it, or it is an integer and none holds it exactly enough.</returns>
    public static bool TryFormat(ReadOnlySpan<byte> literal, Span<byte> to, out int written)
    {
        written = 0;
        if (
            !double.TryParse(literal, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            || !double.IsFinite(value)
        )
        {
            return false;
        }

        if (value == 0) // the negative zero too
        {
            to[0] = (byte)'0';
            written = 1;
            return true;
        }

        Span<byte> digits = stackalloc byte[MaxLength];
        (int count, int point) = Digits(Math.Abs(value), digits);
        digits = digits[..count];
        bool negative = value < 0;
        if (!Keeps(negative ? literal[1..] : literal, digits, point))
        {
            return false;
        }

        if (negative)
        {
            to[written++] = (byte)'-';
        }

        written += point is > SmallestPlain - 1 and <= LargestPlain
            ? Plain(digits, point, to[written..])
            : Exponent(digits, point, to[written..]);
        return true;
    }

    // An integer that is written out must be the one that the canonical form stands for. Those of up to 15 digits are.
    private static bool Keeps(ReadOnlySpan<byte> literal, ReadOnlySpan<byte> digits, int point)
    {
        const int Exact = 15;
        return literal.Length <= Exact
            || literal.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || (literal.Length == point && literal.TrimEnd((byte)'0').SequenceEqual(digits));
    }

    // The shortest digits that give the double back, without zeros at either end, and where the point stands among
    // them: the value is 0.DIGITS times ten to the power of it.
    private static (int Count, int Point) Digits(double value, Span<byte> digits)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        value.TryFormat(text, out int length, "R", CultureInfo.InvariantCulture);
        text = text[..length];
        int exponent = 0;
        int mark = text.IndexOf((byte)'E');
        if (mark >= 0)
        {
            exponent = int.Parse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..mark];
        }

        int whole = text.IndexOf((byte)'.');
        int point = (whole < 0 ? text.Length : whole) + exponent;
        int count = 0;
        foreach (byte each in text)
        {
            if (each == '.')
            {
                continue;
            }

            if (count == 0 && each == '0')
            {
                point--;
                continue;
            }

            digits[count++] = each;
        }

        return (digits[..count].TrimEnd((byte)'0').Length, point);
    }

    private static int Plain(ReadOnlySpan<byte> digits, int point, Span<byte> to)
    {
        if (point <= 0)
        {
            int zeros = 2 - point; // "0." and those behind it
            to[..zeros].Fill((byte)'0');
            to[1] = (byte)'.';
            digits.CopyTo(to[zeros..]);
            return zeros + digits.Length;
        }

        if (digits.Length <= point)
        {
            digits.CopyTo(to);
            to[digits.Length..point].Fill((byte)'0');
            return point;
        }

        digits[..point].CopyTo(to);
        to[point] = (byte)'.';
        digits[point..].CopyTo(to[(point + 1)..]);
        return digits.Length + 1;
    }

    private static int Exponent(ReadOnlySpan<byte> digits, int point, Span<byte> to)
    {
        int written = 0;
        to[written++] = digits[0];
        if (digits.Length > 1)
        {
            to[written++] = (byte)'.';
            digits[1..].CopyTo(to[written..]);
            written += digits.Length - 1;
        }

        int exponent = point - 1;
        to[written++] = (byte)'e';
        to[written++] = (byte)(exponent < 0 ? '-' : '+');
        Utf8Formatter.TryFormat(Math.Abs(exponent), to[written..], out int length);
        return written + length;
    }
}
