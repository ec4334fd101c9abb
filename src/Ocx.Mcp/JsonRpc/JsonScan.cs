using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ocx.Mcp.JsonRpc;

/// <summary>Finds where single values of a JSON text end (RFC 8259, 3, 6 and 7).</summary>
internal static class JsonScan
{
    /// <summary>The text ends in the value.</summary>
    public const int Cut = -1;

    /// <summary>The value is not well-formed.</summary>
    public const int Malformed = -2;

    private const int Size = 16; // of a vector

    /// <summary>Where the closing quote of a string stands.</summary>
    /// <param name="json">The text.</param>
    /// <param name="at">Behind the opening quote.</param>
    /// <param name="escaped">Whether there are escapes in it.</param>
    public static int EndOfString(ReadOnlySpan<byte> json, int at, out bool escaped)
    {
        // Names and most values end in the first vector.
        if (json.Length - at >= Size)
        {
            uint special = SpecialIn(json[at..]).ExtractMostSignificantBits();
            int end = at + BitOperations.TrailingZeroCount(special);
            if (special != 0 && json[end] == '"')
            {
                escaped = false;
                return end;
            }
        }

        return EndOfOtherString(json, at, out escaped);
    }

    /// <summary>Where a number ends, whose first byte is a digit or a minus.</summary>
    /// <param name="json">The text.</param>
    /// <param name="at">Its first byte.</param>
    /// <param name="mayGoOn">Whether more digits may follow where the text ends.</param>
    public static int EndOfNumber(ReadOnlySpan<byte> json, int at, bool mayGoOn)
    {
        at += json[at] == '-' ? 1 : 0;
        int end = EndOfDigits(json, at);
        if (end > at + 1 && json[at] == '0')
        {
            return Malformed;
        }

        at = end;
        if (at >= 0 && at < json.Length && json[at] == '.')
        {
            at = EndOfDigits(json, at + 1);
        }

        if (at >= 0 && at < json.Length && json[at] is (byte)'e' or (byte)'E')
        {
            at++;
            at += at < json.Length && json[at] is (byte)'+' or (byte)'-' ? 1 : 0;
            at = EndOfDigits(json, at);
        }

        return at < 0 ? at
            : at < json.Length ? (EndsNumber(json[at]) ? at : Malformed)
            : mayGoOn ? Cut
            : at;
    }

    /// <summary>Where <c>true</c>, <c>false</c> or <c>null</c> ends.</summary>
    /// <param name="json">The text.</param>
    /// <param name="at">Its first byte.</param>
    /// <param name="word">Which it has to be.</param>
    public static int EndOfWord(ReadOnlySpan<byte> json, int at, ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> rest = json[at..];
        return rest.StartsWith(word) ? at + word.Length
            : word.StartsWith(rest) ? Cut
            : Malformed;
    }

    private static int EndOfDigits(ReadOnlySpan<byte> json, int at)
    {
        int end = at;
        while (end < json.Length && json[end] is >= (byte)'0' and <= (byte)'9')
        {
            end++;
        }

        return end > at ? end
            : end < json.Length ? Malformed
            : Cut;
    }

    // A slash begins a comment, which the next token is told to be malformed for.
    private static bool EndsNumber(byte next) => ",}] \n\r\t/"u8.Contains(next);

    private static int EndOfOtherString(ReadOnlySpan<byte> json, int at, out bool escaped)
    {
        escaped = false;
        while (true)
        {
            at = NextSpecial(json, at);
            if (at >= json.Length)
            {
                return Cut;
            }

            if (json[at] == '"')
            {
                return at;
            }

            if (json[at] != '\\')
            {
                return Malformed; // a control character
            }

            escaped = true;
            at = EndOfEscape(json, at + 1);
            if (at < 0)
            {
                return at;
            }
        }
    }

    // A quote, a backslash or a control character; the end of the text when there is none.
    private static int NextSpecial(ReadOnlySpan<byte> json, int at)
    {
        // Long strings are most of a message's bytes: four vectors are looked at together.
        ReadOnlySpan<byte> rest = json[at..];
        while (rest.Length >= Size)
        {
            if (rest.Length >= 4 * Size)
            {
                Vector128<byte> any =
                    (SpecialIn(rest) | SpecialIn(rest[Size..]))
                    | (SpecialIn(rest[(2 * Size)..]) | SpecialIn(rest[(3 * Size)..]));
                if (any == Vector128<byte>.Zero)
                {
                    rest = rest[(4 * Size)..];
                    continue;
                }
            }

            uint special = SpecialIn(rest).ExtractMostSignificantBits();
            if (special != 0)
            {
                return json.Length - rest.Length + BitOperations.TrailingZeroCount(special);
            }

            rest = rest[Size..];
        }

        at = json.Length - rest.Length;
        while (at < json.Length && json[at] is not ((byte)'"' or (byte)'\\' or < 0x20))
        {
            at++;
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> SpecialIn(ReadOnlySpan<byte> json)
    {
        Vector128<byte> bytes = Vector128.Create(json);
        return Vector128.Equals(bytes, Vector128.Create((byte)'"'))
            | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
            | Vector128.Equals(bytes, Vector128.Min(bytes, Vector128.Create((byte)0x1F)));
    }

    // Behind the backslash.
    private static int EndOfEscape(ReadOnlySpan<byte> json, int at)
    {
        if (at >= json.Length)
        {
            return Cut;
        }

        if (json[at] != 'u')
        {
            return "\"\\/bfnrt"u8.Contains(json[at]) ? at + 1 : Malformed;
        }

        int end = at + 5;
        for (at++; at < end; at++)
        {
            if (at >= json.Length)
            {
                return Cut;
            }

            if (!char.IsAsciiHexDigit((char)json[at]))
            {
                return Malformed;
            }
        }

        return end;
    }
}
