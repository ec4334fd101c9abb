using System.Globalization;
using System.Text;

namespace Ocx.State.Effects;

/// <summary>Values of databases as text.</summary>
internal static class ValueText
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>A text, cut at a bound; what was cut ends with "…".</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return text[..end] + "…";
    }

    /// <summary>Bytes as text: UTF-8, or with <c>\xHH</c> for each byte that is no ASCII.</summary>
    public static string Of(ReadOnlySpan<byte> bytes, int most)
    {
        // Four bytes a character at most: what is behind them is cut anyway.
        ReadOnlySpan<byte> shown = bytes[..Math.Min(bytes.Length, (most * 4) + 4)];
        try
        {
            return Cut(s_strict.GetString(shown.Length < bytes.Length ? WholeRunes(shown) : shown), most);
        }
        catch (DecoderFallbackException)
        {
            var text = new StringBuilder();
            foreach (byte each in shown)
            {
                if (each is >= (byte)' ' and <= (byte)'~')
                {
                    text.Append((char)each);
                }
                else
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{each:x2}");
                }
            }

            return Cut(text.ToString(), most);
        }
    }

    private static ReadOnlySpan<byte> WholeRunes(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.Length;
        while (end > 0 && (bytes[end - 1] & 0xC0) == 0x80)
        {
            end--;
        }

        return bytes[..Math.Max(0, end - 1)];
    }
}
