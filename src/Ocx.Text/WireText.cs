using System.Buffers;
using System.Globalization;
using System.Text;

namespace Ocx.Text;

/// <summary>
/// Text that another party chose: a name from the wire, a message of another program, a field of an object that others
/// write. It is shown so that it cannot forge a line, drive a terminal, hide in it or turn its direction: each
/// character that is not plainly visible stands as an escape. This is the one way out for such text; JSON has <see
/// cref="WireJson"/>.
/// </summary>
public static class WireText
{
    /// <summary>What stands at the end of a text that was cut.</summary>
    public const char Ellipsis = '…';

    // Space to tilde.
    private static readonly SearchValues<char> s_plainAscii = SearchValues.Create([
        .. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code),
    ]);

    // Default_Ignorable_Code_Point of the Unicode Character Database (DerivedCoreProperties.txt) beyond the category
    // Format: letters and marks that are nothing to see, in which a text can carry what its reader does not notice.
    private static readonly (int First, int Last)[] s_invisible =
    [
        (0x034F, 0x034F),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x2065, 0x2065),
        (0x3164, 0x3164),
        (0xFE00, 0xFE0F),
        (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFF8),
        (0xE0000, 0xE0FFF),
    ];

    /// <summary>
    /// True for what can be shown as it is: letters, digits, punctuation, symbols, visible marks and spaces. False for
    /// control characters (C0, C1, DEL), format characters (zero-width ones and those that turn the direction among
    /// them), line and paragraph separators, invisible letters and marks, and what is unassigned or of private use.
    /// </summary>
    public static bool IsPlain(Rune rune)
    {
        if (rune.IsAscii)
        {
            return rune.Value is >= ' ' and <= '~';
        }

        bool named =
            Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned
            );
        return named && !IsInvisible(rune.Value);
    }

    /// <summary>
    /// The text with an escape for each character that is not plain: <c>\n</c>, <c>\r</c>, <c>\t</c>, else
    /// <c>\u{202e}</c>. Half of a surrogate pair stands as <c>\u{d83d}</c>. Text that is plain is returned as it is.
    /// </summary>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsAllPlain(text) ? text : EscapeAll(text, int.MaxValue);
    }

    /// <summary>
    /// The same, cut so that the result has at most <paramref name="longest"/> UTF-16 units, <see cref="Ellipsis"/>
    /// included when something was cut. No escape is cut in its middle.
    /// </summary>
    public static string Escape(string text, int longest)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, 1);
        return text.Length <= longest && IsAllPlain(text) ? text : EscapeAll(text, longest);
    }

    /// <summary>
    /// The text between single quotes: escaped, cut to <paramref name="longest"/> UTF-16 units without the quotes, and
    /// with a backslash before each quote and backslash of its own, so that nothing in it ends the quotation.
    /// </summary>
    public static string Quote(string text, int longest)
    {
        ArgumentNullException.ThrowIfNull(text);
        string start = text.Length > longest ? text[..(longest + 1)] : text; // one more than fits tells that it was cut
        start = start.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
        return $"'{Escape(start, longest)}'";
    }

    /// <summary>
    /// Bytes that should be UTF-8, escaped the same way: each byte that is none stands as <c>\x9b</c>.
    /// </summary>
    public static string Escape(ReadOnlySpan<byte> utf8)
    {
        var text = new StringBuilder(utf8.Length);
        while (!utf8.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(utf8, out Rune rune, out int length) == OperationStatus.Done)
            {
                Append(text, rune);
            }
            else
            {
                // Each byte of a broken sequence stands for itself, so that nothing of it is lost.
                foreach (byte broken in utf8[..length])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{broken:x2}");
                }
            }

            utf8 = utf8[length..];
        }

        return text.ToString();
    }

    private static bool IsAllPlain(string text)
    {
        int at = text.AsSpan().IndexOfAnyExcept(s_plainAscii);
        while (at >= 0 && at < text.Length)
        {
            if (
                Rune.DecodeFromUtf16(text.AsSpan(at), out Rune rune, out int length) != OperationStatus.Done
                || !IsPlain(rune)
            )
            {
                return false;
            }

            at += length;
        }

        return true;
    }

    // Stops as soon as the bound is reached: a long text costs no more than what is kept of it.
    private static string EscapeAll(string text, int longest)
    {
        var escaped = new StringBuilder(Math.Min(text.Length, longest));
        int fits = 0; // where the ellipsis still has room
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out Rune rune, out int length) == OperationStatus.Done)
            {
                Append(escaped, rune);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)rest[0]:x}}}");
                length = 1;
            }

            rest = rest[length..];
            if (escaped.Length > longest)
            {
                escaped.Length = fits;
                return escaped.Append(Ellipsis).ToString();
            }

            fits = escaped.Length <= longest - 1 ? escaped.Length : fits;
        }

        return escaped.ToString();
    }

    private static void Append(StringBuilder to, Rune rune) =>
        _ = rune.Value switch
        {
            '\n' => to.Append("\\n"),
            '\r' => to.Append("\\r"),
            '\t' => to.Append("\\t"),
            _ when IsPlain(rune) => to.Append(rune.ToString()),
            _ => to.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}"),
        };

    private static bool IsInvisible(int code)
    {
        foreach ((int first, int last) in s_invisible)
        {
            if (code >= first && code <= last)
            {
                return true;
            }
        }

        return false;
    }
}
