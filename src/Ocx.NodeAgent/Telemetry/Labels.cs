using System.Text;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>The labels of one series. Values may come from the wire: they are cut, and escaped as the text format wants it.</summary>
internal sealed class Labels
{
    /// <summary>The longest value, in UTF-16 units.</summary>
    public const int LongestValue = 120;

    private readonly StringBuilder _text = new();

    /// <summary>Adds a label; an empty value is the same as none.</summary>
    public Labels Add(string name, string value)
    {
        if (value.Length > 0)
        {
            _text.Append(_text.Length == 0 ? "" : ",").Append(name).Append("=\"");
            foreach (char letter in value.AsSpan(0, Math.Min(value.Length, LongestValue)))
            {
                Append(letter);
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

    // A lone surrogate is no UTF-8, and a pair may have been cut.
    private void Append(char letter) => _ = letter switch
    {
        '"' or '\\' => _text.Append('\\').Append(letter),
        _ when char.IsControl(letter) || char.IsSurrogate(letter) => _text.Append('?'),
        _ => _text.Append(letter),
    };
}
