using System.Globalization;
using System.Text;

namespace Ocx.Cli.Terminals;

/// <summary>Text from the wire, made so that a terminal shows it and does nothing else with it.</summary>
internal static class Printable
{
    /// <summary>The text with each character that is not to be seen (controls, escapes, marks that turn the direction) replaced by <c>?</c>.</summary>
    public static string Of(string text)
    {
        foreach (char c in text)
        {
            if (!IsPlain(c))
            {
                return Replace(text, _ => "?");
            }
        }

        return text;
    }

    /// <summary>The same of JSON text, which can name such a character instead of holding it.</summary>
    public static string OfJson(string json)
    {
        foreach (char c in json)
        {
            if (!IsPlain(c))
            {
                return Replace(json, rune => string.Concat(rune.ToString().Select(unit => $"\\u{(int)unit:x4}")));
            }
        }

        return json;
    }

    private static string Replace(string text, Func<Rune, string> replacement)
    {
        var result = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool shown = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
            result.Append(shown ? rune.ToString() : replacement(rune));
        }

        return result.ToString();
    }

    private static bool IsPlain(char c) => c is >= ' ' and <= '~';
}
