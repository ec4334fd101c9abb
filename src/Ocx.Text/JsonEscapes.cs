using System.Globalization;
using System.Text;

namespace Ocx.Text;

/// <summary>
/// Reads the escapes of a JSON string that the platform refuses: those that name half a surrogate pair.
/// </summary>
public static class JsonEscapes
{
    /// <summary>
    /// The text of a well-formed JSON string without its quotes; each half of a pair that stands alone becomes U+FFFD.
    /// </summary>
    public static string Decode(ReadOnlySpan<byte> escaped)
    {
        string text = Encoding.UTF8.GetString(escaped);
        var decoded = new StringBuilder(text.Length);
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                decoded.Append(text[at]);
                continue;
            }

            at++;
            if (
                text[at] == 'u'
                && at + 4 < text.Length
                && ushort.TryParse(
                    text.AsSpan(at + 1, 4),
                    NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture,
                    out ushort unit
                )
            )
            {
                decoded.Append((char)unit);
                at += 4;
            }
            else
            {
                decoded.Append(
                    text[at] switch
                    {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'b' => '\b',
                        'f' => '\f',
                        var other => other,
                    }
                );
            }
        }

        return WholePairs(decoded.ToString());
    }

    private static string WholePairs(string text)
    {
        var whole = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) // the enumerator puts U+FFFD in the place of half a pair
        {
            whole.Append(rune.ToString());
        }

        return whole.ToString();
    }
}
