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
                return Replace(text);
            }
        }

        return text;
    }

    private static string Replace(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool shown = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
            result.Append(shown ? rune.ToString() : "?");
        }

        return result.ToString();
    }

    private static bool IsPlain(char c) => c is >= ' ' and <= '~';
}
