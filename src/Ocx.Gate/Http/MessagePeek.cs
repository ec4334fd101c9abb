namespace Ocx.Gate.Http;

/// <summary>
/// Looks for the member of a JSON-RPC message that says what it is. It looks at the members of the outermost object, in
/// the first bytes only, and takes every name that it cannot be sure of for none.
/// </summary>
internal struct MessagePeek
{
    // More than a head of members takes; the rest of a message need not be looked at.
    private const int Longest = 4096;

    private ulong _name;
    private int _looked;
    private short _depth;
    private byte _nameLength;
    private bool _awaitsName;
    private bool _inName;
    private bool _inString;
    private bool _isEscaped;
    private bool _isDone;

    /// <summary>What it is.</summary>
    public MessageKind Kind { get; private set; }

    /// <summary>Looks at the next bytes.</summary>
    public void Feed(ReadOnlySpan<byte> json)
    {
        if (_isDone)
        {
            return;
        }

        foreach (byte next in json[..Math.Min(json.Length, Longest - _looked)])
        {
            Take(next);
            if (_isDone)
            {
                return;
            }
        }

        _looked += Math.Min(json.Length, Longest - _looked);
        _isDone = _looked == Longest;
    }

    private void Take(byte next)
    {
        if (_inString)
        {
            TakeString(next);
            return;
        }

        switch (next)
        {
            case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
            case 0xEF or 0xBB or 0xBF when _depth == 0: // a byte order mark
                break;
            case (byte)'{' or (byte)'[' when _depth > 0 || next == '{':
                _awaitsName = ++_depth == 1;
                break;
            case (byte)'"' when _depth > 0:
                _inString = true;
                _inName = _awaitsName;
                (_name, _nameLength, _awaitsName) = (0, 0, false);
                break;
            case (byte)',':
                _awaitsName = _depth == 1;
                break;
            case (byte)'}' or (byte)']':
                _isDone = --_depth <= 0;
                break;
            default:
                _isDone = _depth == 0;
                break;
        }
    }

    private void TakeString(byte next)
    {
        if (_isEscaped)
        {
            _isEscaped = false;
        }
        else if (next == '\\')
        {
            // An escaped name may be any.
            (_isEscaped, _isDone) = (true, _inName);
        }
        else if (next == '"')
        {
            _inString = false;
            if (_inName)
            {
                EndName();
            }
        }
        else if (_inName && _nameLength < sizeof(ulong))
        {
            _name = (_name << 8) | next;
            _nameLength++;
        }
    }

    private void EndName()
    {
        const ulong Result = 0x726573756c74,
            Error = 0x6572726f72,
            Method = 0x6d6574686f64;
        Kind = (_nameLength, _name) switch
        {
            (6, Result) or (5, Error) => MessageKind.Answer,
            (6, Method) => MessageKind.Request,
            _ => MessageKind.Unknown,
        };
        (_inName, _isDone) = (false, Kind != MessageKind.Unknown);
    }
}
