using System.Buffers;

namespace Ocx.Gate.Http;

/// <summary>
/// Looks for the end of the object that a body begins with, piece by piece: who decodes a body as it comes acts on the
/// object when it ends, whatever follows. What is no plain JSON, such as a comment, may end for some reader, and counts
/// as ended.
/// </summary>
internal struct JsonEnd
{
    private static readonly SearchValues<byte> s_ofString = SearchValues.Create([
        (byte)'"',
        (byte)'\\',
        .. Enumerable.Range(0, ' ').Select(control => (byte)control),
    ]);

    // What stands between strings: structure, blanks, numbers, and the letters of true, false and null.
    private static readonly SearchValues<byte> s_between = SearchValues.Create(":, \t\r\n0123456789+-.eEtrufalsn"u8);

    private int _depth;
    private bool _inString;
    private bool _isEscaped;

    /// <summary>The object has ended, or may have.</summary>
    public bool IsReached { get; private set; }

    /// <summary>Looks at the next bytes.</summary>
    public void Feed(ReadOnlySpan<byte> json)
    {
        while (!json.IsEmpty && !IsReached)
        {
            json = json[(_inString ? TakeString(json) : TakeBetween(json))..];
        }
    }

    private int TakeString(ReadOnlySpan<byte> json)
    {
        if (_isEscaped)
        {
            _isEscaped = false;
            return 1;
        }

        int at = json.IndexOfAny(s_ofString);
        if (at < 0)
        {
            return json.Length;
        }

        (_inString, _isEscaped) = (json[at] != '"', json[at] == '\\');
        IsReached = json[at] < ' ';
        return at + 1;
    }

    private int TakeBetween(ReadOnlySpan<byte> json)
    {
        int at = json.IndexOfAnyExcept(s_between);
        if (at < 0)
        {
            return json.Length;
        }

        switch (json[at])
        {
            case (byte)'"':
                _inString = true;
                break;
            case (byte)'{' or (byte)'[':
                _depth++;
                break;
            case (byte)'}' or (byte)']':
                IsReached = --_depth <= 0;
                break;
            default:
                // A byte order mark may stand before it.
                IsReached = _depth > 0 || json[at] is not (0xEF or 0xBB or 0xBF);
                break;
        }

        return at + 1;
    }
}
