using Ocx.Text;

namespace Ocx.Kube;

/// <summary>
/// What went wrong, as a log, a condition or an event can show it: exceptions quote what other parties wrote.
/// </summary>
public static class ExceptionText
{
    /// <summary>The longest text, in UTF-16 units.</summary>
    public const int Longest = 1024;

    /// <summary>The exception's message, escaped and cut.</summary>
    public static string Shown(this Exception exception) => WireText.Escape(exception.Message, Longest);
}
