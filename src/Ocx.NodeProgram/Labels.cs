using System.Text;
using Ocx.Text;

namespace Ocx.NodeProgram;

/// <summary>
/// The labels of one series. Values may come from the wire: they are escaped, cut, and quoted as the text format wants
/// it.
/// </summary>
public sealed class Labels
{
    /// <summary>The longest value, in UTF-16 units.</summary>
    public const int LongestValue = 120;

    private readonly StringBuilder _text = new();

    /// <summary>A value as it is shown: what is kept of one, as a key too, is no longer than this.</summary>
    public static string Cut(string value) => WireText.Escape(value, LongestValue);

    /// <summary>Adds a label; an empty value is the same as none.</summary>
    public Labels Add(string name, string value)
    {
        if (value.Length > 0)
        {
            _text.Append(_text.Length == 0 ? "" : ",").Append(name).Append("=\"");
            foreach (char letter in Cut(value))
            {
                _ = letter is '"' or '\\' ? _text.Append('\\').Append(letter) : _text.Append(letter);
            }
            _text.Append('"');
        }
        return this;
    }

    /// <summary>The labels in braces, a further one among them if it has a value; empty without any.</summary>
    public string With(string name, string value)
    {
        string more = value.Length == 0 ? string.Empty : $"{(_text.Length == 0 ? "" : ",")}{name}=\"{value}\"";
        return _text.Length + more.Length == 0 ? string.Empty : $"{{{_text}{more}}}";
    }

    /// <inheritdoc/>
    public override string ToString() => With(string.Empty, string.Empty);
}
