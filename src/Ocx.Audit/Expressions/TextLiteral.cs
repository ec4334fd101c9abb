using System.Globalization;
using System.Text;

namespace Ocx.Audit.Expressions;

/// <summary>What a string literal says. The package's own reading loses what is beyond UTF-16's first plane.</summary>
internal static class TextLiteral
{
    /// <summary>Reads a literal, as the lexer found it: quoted by one or three of a quote, maybe raw.</summary>
    /// <exception cref="FormatException">It names no character.</exception>
    public static string Read(string token)
    {
        var isRaw = token[0] is 'r' or 'R';
        var text = isRaw ? token.AsSpan(1) : token;
        var quotes = text.Length >= 6 && text[1] == text[0] && text[2] == text[0] ? 3 : 1;
        text = text[quotes..^quotes];
        var to = new StringBuilder(text.Length);
        while (text.Length > 0)
        {
            if (isRaw || text[0] != '\\')
            {
                to.Append(text[0]);
                text = text[1..];
                continue;
            }

            var (value, length) = text[1] switch
            {
                'a' => ('\a', 2),
                'b' => ('\b', 2),
                'f' => ('\f', 2),
                'n' => ('\n', 2),
                'r' => ('\r', 2),
                't' => ('\t', 2),
                'v' => ('\v', 2),
                'x' or 'X' => (Number(text[2..4], 16), 4),
                'u' => (Number(text[2..6], 16), 6),
                'U' => (Number(text[2..10], 16), 10),
                >= '0' and <= '3' => (Number(text[1..4], 8), 4),
                var other => (other, 2),
            };
            if (!Rune.TryCreate(value, out var rune))
            {
                throw new FormatException($"'{text[..length]}' is no character");
            }

            to.Append(rune.ToString());
            text = text[length..];
        }

        return to.ToString();
    }

    private static int Number(ReadOnlySpan<char> digits, int toBase) =>
        toBase == 16
            ? int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : ((digits[0] - '0') * 64) + ((digits[1] - '0') * 8) + (digits[2] - '0');
}
