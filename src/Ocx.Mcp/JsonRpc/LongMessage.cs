using System.Buffers;

namespace Ocx.Mcp.JsonRpc;

/// <summary>
/// Reads on in a message that is longer than what is kept of it, for the members that tell what it is: some peers write
/// the arguments or the result first and the id last. Fed with pieces; holds one token of at most 1 KiB, whatever
/// comes.
/// </summary>
internal sealed class LongMessage
{
    private const int LongestToken = 1024;

    private static readonly SearchValues<byte> s_structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> s_endOfScalar = SearchValues.Create(",]} \t\r\n"u8);

    private readonly LongMembers _members;

    // A token as it was written, between quotes.
    private readonly byte[] _token = new byte[LongestToken + 2];
    private int _tokenLength;
    private bool _tokenCut;
    private long _depth;
    private bool _inObject;
    private bool _inString;
    private bool _inScalar;
    private bool _escaped;
    private bool _keyNext;
    private bool _begun;
    private bool _broken;
    private readonly bool[] _isObject = new bool[LongMembers.Deepest + 1]; // by depth

    public LongMessage(JsonValues values) => _members = new(values);

    /// <summary>Bytes of the message so far; of its end, and of what is not kept of it, too.</summary>
    public long Length { get; private set; }

    /// <summary>A new message begins.</summary>
    public void Begin()
    {
        _members.Clear();
        (Length, _depth, _tokenLength) = (0, 0, 0);
        _tokenCut = _inObject = _inString = _inScalar = _escaped = _keyNext = _begun = _broken = false;
    }

    /// <summary>The next bytes of the message.</summary>
    public void Feed(ReadOnlySpan<byte> piece)
    {
        Length += piece.Length;
        while (!piece.IsEmpty && !_broken)
        {
            piece =
                _inString ? InString(piece)
                : _inScalar ? InScalar(piece)
                : _depth > LongMembers.Deepest ? Below(piece)
                : Between(piece);
        }
    }

    /// <summary>Adds what was found to what was read of the message's beginning, and says what it is.</summary>
    public void Complete(ref JsonRpcMessage message) =>
        _members.Complete(ref message, isWhole: _begun && _depth == 0 && !_broken);

    // Nothing in there is wanted: only its end.
    private ReadOnlySpan<byte> Below(ReadOnlySpan<byte> piece)
    {
        int at = piece.IndexOfAny(s_structure);
        return at < 0 ? [] : Between(piece[at..]);
    }

    private ReadOnlySpan<byte> Between(ReadOnlySpan<byte> piece)
    {
        byte first = piece[0];
        switch (first)
        {
            case (byte)'"':
                (_inString, _escaped, _tokenLength, _tokenCut) = (true, false, 0, false);
                break;
            case (byte)'{' or (byte)'[':
                Enter(first == '{');
                break;
            case (byte)'}' or (byte)']':
                Leave();
                break;
            case (byte)',':
                _keyNext = _inObject;
                break;
            case (byte)':' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                break;
            case 0xEF or 0xBB or 0xBF when !_begun:
                break; // a byte order mark
            default:
                // What is no object is no message.
                _broken = !_begun;
                (_inScalar, _tokenLength, _tokenCut) = (true, 0, false);
                return piece; // its first byte is a part of it
        }

        return piece[1..];
    }

    private ReadOnlySpan<byte> InString(ReadOnlySpan<byte> piece)
    {
        if (_escaped)
        {
            Keep(piece[..1]);
            _escaped = false;
            return piece[1..];
        }

        int at = piece.IndexOfAny((byte)'"', (byte)'\\');
        Keep(at < 0 ? piece : piece[..at]);
        if (at < 0)
        {
            return [];
        }

        if (piece[at] == '\\')
        {
            Keep(piece.Slice(at, 1));
            _escaped = true;
        }
        else
        {
            _inString = false;
            TakeString();
        }

        return piece[(at + 1)..];
    }

    private ReadOnlySpan<byte> InScalar(ReadOnlySpan<byte> piece)
    {
        int at = piece.IndexOfAny(s_endOfScalar);
        Keep(at < 0 ? piece : piece[..at]);
        if (at < 0)
        {
            return [];
        }

        _inScalar = false;
        if (_depth <= LongMembers.Deepest && _inObject)
        {
            _members.TakeValue(_depth, Token(quoted: false));
        }

        return piece[at..];
    }

    private void TakeString()
    {
        if (_depth is 0 or > LongMembers.Deepest || !_inObject)
        {
            return;
        }

        if (_keyNext)
        {
            _members.TakeName(_depth, Token(quoted: true));
            _keyNext = false;
        }
        else
        {
            _members.TakeValue(_depth, Token(quoted: true));
        }
    }

    private void Enter(bool isObject)
    {
        if (_depth == 0 && (_begun || !isObject))
        {
            _broken = true; // a second text, or a batch
            return;
        }

        _begun = true;
        if (_depth is > 0 and <= LongMembers.Deepest && _inObject)
        {
            _members.TakeValue(_depth, isObject ? "{"u8 : "["u8);
        }

        _depth++;
        if (_depth <= LongMembers.Deepest)
        {
            _isObject[_depth] = isObject;
        }

        (_inObject, _keyNext) = (isObject, isObject);
    }

    private void Leave()
    {
        if (--_depth < 0)
        {
            (_broken, _depth) = (true, 0);
            return;
        }

        (_inObject, _keyNext) = (_depth is > 0 and <= LongMembers.Deepest && _isObject[_depth], false);
    }

    // Only names and values of the outer levels are looked at.
    private void Keep(ReadOnlySpan<byte> piece)
    {
        if (_depth > LongMembers.Deepest)
        {
            return;
        }

        int fits = Math.Min(piece.Length, LongestToken - _tokenLength);
        piece[..fits].CopyTo(_token.AsSpan(1 + _tokenLength));
        _tokenLength += fits;
        _tokenCut |= fits < piece.Length;
    }

    // Empty when it is longer than any that matters.
    private ReadOnlySpan<byte> Token(bool quoted)
    {
        if (_tokenCut)
        {
            return [];
        }

        _token[0] = _token[_tokenLength + 1] = (byte)'"';
        return quoted ? _token.AsSpan(0, _tokenLength + 2) : _token.AsSpan(1, _tokenLength);
    }
}
