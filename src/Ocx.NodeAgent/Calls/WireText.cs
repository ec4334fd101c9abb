namespace Ocx.NodeAgent.Calls;

/// <summary>Text that a peer chose: it may be of any length, and a terminal must not act on it.</summary>
internal static class WireText
{
    /// <summary>The text, cut after so many UTF-16 units, with a question mark for each that is none to show.</summary>
    public static string Fit(string text, int longest)
    {
        if (text.Length > longest)
        {
            text = text[..longest];
        }
        return text.Any(IsUnfit) ? string.Concat(text.Select(letter => IsUnfit(letter) ? '?' : letter)) : text;
    }

    private static bool IsUnfit(char letter) => char.IsControl(letter) || char.IsSurrogate(letter);
}
