using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Ocx.Mcp.Buffers;

/// <summary>
/// Texts of peers, cut to a stated length. What is left of a longer one ends in <c>…</c> and 32 hexadecimal digits of
/// the SHA-256 of the whole: so it says that it was cut, and two that differ anywhere stay two.
/// </summary>
public static class CutText
{
    private const int Digits = 32;
    private const int Ending = 3 + Digits; // U+2026 takes three bytes

    /// <summary>
    /// The text of <paramref name="utf8"/> in at most <paramref name="longest"/> bytes; invalid sequences become
    /// U+FFFD.
    /// </summary>
    /// <remarks>Each invalid byte becomes three. They are counted as one, for the heap keeps each in two.</remarks>
    public static string Of(ReadOnlySpan<byte> utf8, int longest)
    {
        if (utf8.Length <= longest)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        int kept = longest - Ending;
        while (kept > 0 && (utf8[kept] & 0xC0) == 0x80)
        {
            kept--; // not within a character
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8, hash);
        return string.Concat(
            Encoding.UTF8.GetString(utf8[..kept]),
            "…",
            Convert.ToHexStringLower(hash[..(Digits / 2)])
        );
    }

    /// <summary>The bytes that a text takes in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // of ten texts for each call
    public static int SizeOf(string text) => text.Length == 0 ? 0 : 24 + (2 * text.Length);

    /// <summary>The same of a text that is a string already.</summary>
    public static string Of(string text, int longest) =>
        text.Length * 3 <= longest || Encoding.UTF8.GetByteCount(text) <= longest
            ? text
            : Of(Encoding.UTF8.GetBytes(text), longest);
}
