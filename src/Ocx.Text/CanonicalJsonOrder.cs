namespace Ocx.Text;

/// <summary>The order of names in canonical JSON: that of their UTF-16 units (RFC 8785, 3.2.3).</summary>
internal static class CanonicalJsonOrder
{
    /// <summary>Compares two names in well-formed UTF-8.</summary>
    public static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        // The order of bytes in UTF-8 is that of code points. Units differ from it in one place: those of a pair
        // (D800 to DFFF; four bytes from F0) come before E000 to FFFF (three bytes from EE and EF).
        const byte FirstAbovePairs = 0xEE,
            FirstOfPairs = 0xF0;
        int same = a.CommonPrefixLength(b);
        if (same == a.Length || same == b.Length)
        {
            return a.Length - b.Length;
        }

        (byte x, byte y) = (a[same], b[same]);
        bool turned = x >= FirstAbovePairs && y >= FirstAbovePairs && x >= FirstOfPairs != y >= FirstOfPairs;
        return turned ? y - x : x - y;
    }
}
