using System.Text;

namespace Ocx.Mcp.Http;

/// <summary>Compares tokens of a head (RFC 9110, 5.6.2), which mean the same in capital letters.</summary>
internal static class Token
{
    /// <summary>Is this the token <paramref name="lower"/>, of small letters, digits, hyphens and slashes?</summary>
    public static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower)
    {
        if (text.Length != lower.Length || lower.Length < sizeof(ulong))
        {
            return Ascii.EqualsIgnoreCase(text, lower);
        }

        // Eight bytes at once; the last eight may have been looked at in part.
        for (int at = 0; at < lower.Length - sizeof(ulong); at += sizeof(ulong))
        {
            if (!EightAre(text[at..], lower[at..]))
            {
                return false;
            }
        }

        return EightAre(text[^sizeof(ulong)..], lower[^sizeof(ulong)..]);
    }

    // Of what a token may have only letters have bit 0x40, and only there may a capital stand, which lacks bit 0x20.
    private static bool EightAre(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower)
    {
        ulong wanted = BitConverter.ToUInt64(lower),
            ofLetters = (wanted & 0x4040_4040_4040_4040) >> 1;
        return (BitConverter.ToUInt64(text) | ofLetters) == wanted;
    }
}
