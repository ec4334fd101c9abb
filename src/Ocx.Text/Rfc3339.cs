using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Ocx.Text;

/// <summary>
/// Times with nanoseconds, which <see cref="DateTime"/> (100 ns) cannot hold: RFC 3339 in UTC, as in
/// <c>2026-01-21T14:15:30.123456789Z</c>.
/// </summary>
public static class Rfc3339
{
    /// <summary>Bytes of a time.</summary>
    public const int Length = 30;

    // Nanoseconds in 64 bits end in 2262: sums of what is read must not overflow.
    private const int LatestYear = 2200;

    /// <summary>Writes a time.</summary>
    /// <param name="unixNs">Nanoseconds since 1970; not negative.</param>
    /// <param name="to">At least <see cref="Length"/> bytes, of which the first that many are written.</param>
    /// <returns>What was written.</returns>
    public static ReadOnlySpan<byte> Format(long unixNs, Span<byte> to)
    {
        (long ticks, long rest) = Math.DivRem(unixNs, 100);
        Utf8Formatter.TryFormat(DateTime.UnixEpoch.AddTicks(ticks), to, out int written, new StandardFormat('O'));
        to[written - 1] = (byte)('0' + (rest / 10));
        to[written] = (byte)('0' + (rest % 10));
        to[written + 1] = (byte)'Z';
        return to[..Length];
    }

    /// <summary>A time as text.</summary>
    /// <param name="unixNs">Nanoseconds since 1970; not negative.</param>
    /// <returns>The text.</returns>
    public static string Format(long unixNs) => Encoding.ASCII.GetString(Format(unixNs, stackalloc byte[Length]));

    /// <summary>Reads a time that <see cref="Format(long)"/> wrote, from 1970 to 2200.</summary>
    /// <param name="text">The text.</param>
    /// <param name="unixNs">Nanoseconds since 1970.</param>
    /// <returns>False when it is no such time.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out long unixNs)
    {
        const int Second = 19,
            Digits = 9;
        unixNs = 0;
        if (
            text.Length != Length
            || text[Second] != '.'
            || text[^1] != 'Z'
            || !long.TryParse(
                text.Slice(Second + 1, Digits),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out long fraction
            )
            || !DateTime.TryParseExact(
                text[..Second],
                "yyyy-MM-ddTHH:mm:ss",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out DateTime second
            )
            || second < DateTime.UnixEpoch
            || second.Year > LatestYear
        )
        {
            return false;
        }

        unixNs = ((second - DateTime.UnixEpoch).Ticks * 100) + fraction;
        return true;
    }
}
