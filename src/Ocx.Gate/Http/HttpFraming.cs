using System.Diagnostics.CodeAnalysis;

namespace Ocx.Gate.Http;

/// <summary>What the bytes were that <see cref="HttpFraming.Take"/> took.</summary>
internal enum FramedPart : byte
{
    /// <summary>Empty lines before a response.</summary>
    Between,

    /// <summary>Bytes of a head.</summary>
    Head,

    /// <summary>
    /// Bytes of a head or of trailers, of which the last one ends the name of a field that tells of the body's bytes.
    /// </summary>
    NameOfBodyField,

    /// <summary>Bytes of a head as far as its end.</summary>
    HeadEnd,

    /// <summary>Sizes and ends of chunks, trailers.</summary>
    Frame,

    /// <summary>What ends a response, which may be no byte.</summary>
    End,

    /// <summary>No HTTP any more.</summary>
    Tunnel,

    /// <summary>What no HTTP response can have.</summary>
    Lost,
}

/// <summary>
/// Where the parts of HTTP/1 responses begin and end (RFC 9112), byte by byte and in a few fixed bytes of its own: it
/// is a value that can be copied at any place and go on from there. It takes nothing that readers understand in two
/// ways: no blank before a colon, no carriage return alone, no two lengths.
/// </summary>
internal struct HttpFraming
{
    // Bytes of a head, of a chunk's line or of trailers; more is nothing that a client would take.
    private const int Longest = 64 << 10;

    private HeadFields _fields;
    private long _remaining;
    private int _length;
    private State _state;
    private State _afterLineFeed;
    private bool _hasDigits;
    private bool _inBody;

    private enum State : byte
    {
        Start,
        StatusLine,
        RestOfLine,
        LineStart,
        Name,
        Value,
        LineFeed,
        FieldsEnd,
        Length,
        Close,
        ChunkSize,
        ChunkSizeEnd,
        ChunkExtension,
        ChunkData,
        ChunkEnd,
        Tunnel,
        Lost,
    }

    /// <summary>What the head says; known from its end on.</summary>
    [UnscopedRef]
    public readonly ref readonly HeadFields Fields => ref _fields;

    /// <summary>Bytes of the body that surely follow, as its length or its chunk's says.</summary>
    public readonly long Promised => _state is State.Length or State.ChunkData ? _remaining : 0;

    /// <summary>True in a body that lasts until close.</summary>
    public readonly bool LastsUntilClose => _state == State.Close;

    /// <summary>True between responses.</summary>
    public readonly bool IsBetween => _state == State.Start;

    /// <summary>True when it is no HTTP any more.</summary>
    public readonly bool IsTunnel => _state == State.Tunnel;

    /// <summary>True when the framing is lost.</summary>
    public readonly bool IsLost => _state == State.Lost;

    /// <summary>True before an <see cref="FramedPart.End"/> that takes no byte.</summary>
    public readonly bool IsComplete => _state == State.Length && _remaining == 0;

    /// <summary>How many of the next bytes are payload of the body: 0 where a frame comes first.</summary>
    /// <param name="available">Bytes that are there.</param>
    public readonly int PayloadIn(int available) =>
        _state switch
        {
            State.Length or State.ChunkData => (int)Math.Min(_remaining, available),
            State.Close => available,
            _ => 0,
        };

    /// <summary>Takes payload, at most what <see cref="PayloadIn"/> said.</summary>
    public void TakePayload(int length)
    {
        _remaining -= _state == State.Close ? 0 : length;
        if (_state == State.ChunkData && _remaining == 0)
        {
            (_state, _length) = (State.ChunkEnd, 0);
        }
    }

    /// <summary>Takes what comes where no payload does.</summary>
    /// <param name="data">The next bytes; not empty, unless <see cref="IsComplete"/>.</param>
    /// <param name="answers">What the response answers; asked at its head's end.</param>
    /// <param name="taken">How many were taken.</param>
    public FramedPart Take(ReadOnlySpan<byte> data, AnsweredMethod answers, out int taken)
    {
        taken = 0;
        switch (_state)
        {
            case State.Start when SkipLineEnds(data, out taken):
                return FramedPart.Between;
            case State.Length when _remaining == 0:
                return End();
            case State.Tunnel:
                taken = data.Length;
                return FramedPart.Tunnel;
            case State.Lost:
                taken = data.Length;
                return FramedPart.Lost;
        }

        while (taken < data.Length && _state != State.ChunkData)
        {
            if (_state == State.Value && !_fields.WantsValue)
            {
                // Of most fields nothing is wanted.
                int line = data[taken..].IndexOfAny((byte)'\r', (byte)'\n');
                line = line < 0 ? data.Length - taken : line;
                (taken, _length) = (taken + line, _length + line);
                if (taken == data.Length)
                {
                    break;
                }
            }

            byte next = data[taken++];
            FramedPart? part = _length >= Longest ? Lose() : TakeByte(next, answers);
            _length++;
            if (part is { } found)
            {
                return found;
            }
        }

        return _length > Longest ? Lose()
            : _inBody ? FramedPart.Frame
            : FramedPart.Head;
    }

    /// <summary>The stream ended; true when that completes a body.</summary>
    public bool CompleteByClose() => _state == State.Close && End() == FramedPart.End;

    /// <summary>Bytes are missing.</summary>
    public void Forget() => _state = State.Lost;

    private FramedPart Lose()
    {
        _state = State.Lost;
        return FramedPart.Lost;
    }

    private FramedPart End()
    {
        (_state, _inBody) = (State.Start, false);
        return FramedPart.End;
    }

    // Empty lines before a head are skipped, as other readers do.
    private bool SkipLineEnds(ReadOnlySpan<byte> data, out int taken)
    {
        taken = data.IndexOfAnyExcept((byte)'\r', (byte)'\n');
        if (taken < 0)
        {
            taken = data.Length;
            return true;
        }

        this = default;
        _state = State.StatusLine;
        return taken > 0;
    }

    private FramedPart? TakeByte(byte next, AnsweredMethod answers)
    {
        switch (_state)
        {
            case State.StatusLine:
                return TakeStatusLine(next, answers);
            case State.LineStart:
                return TakeLineStart(next, answers);
            case State.Name when next == ':':
                _state = State.Value;
                _fields.EndName(inTrailers: _inBody);
                return null;
            case State.Name:
                return next is <= (byte)' ' or >= 0x7f ? Lose()
                    : _fields.TakeName(next) ? FramedPart.NameOfBodyField
                    : null;
            case State.RestOfLine or State.Value when IsLineEnd(next):
                return TakeLineEnd(next, State.LineStart, answers);
            case State.Value:
                _fields.TakeValue(next);
                return null;
            case State.ChunkExtension when IsLineEnd(next):
                return TakeLineEnd(next, AfterChunkSize, answers);
            case State.RestOfLine or State.ChunkExtension:
                return null;
            case State.LineFeed:
                return TakeLineEnd(next == '\n' ? next : (byte)0, _afterLineFeed, answers);
            case State.ChunkSize or State.ChunkSizeEnd:
                return TakeChunkSize(next, answers);
            case State.ChunkEnd:
                return TakeLineEnd(next, State.ChunkSize, answers);
            default:
                return Lose();
        }
    }

    private static bool IsLineEnd(byte next) => next is (byte)'\r' or (byte)'\n';

    // A line ends with CRLF or LF.
    private FramedPart? TakeLineEnd(byte next, State after, AnsweredMethod answers)
    {
        switch (next)
        {
            case (byte)'\r':
                (_state, _afterLineFeed) = (State.LineFeed, after);
                return null;
            case (byte)'\n' when after == State.FieldsEnd:
                return _inBody ? End() : BeginBody(answers);
            case (byte)'\n':
                _state = after;
                if (after == State.ChunkSize)
                {
                    (_length, _remaining, _hasDigits) = (0, 0, false);
                }

                return null;
            default:
                return Lose();
        }
    }

    private FramedPart? TakeStatusLine(byte next, AnsweredMethod answers)
    {
        if (_length >= 12)
        {
            _state = State.RestOfLine;
            return next == ' ' ? null : TakeLineEnd(next, State.LineStart, answers);
        }

        if (_length > 8)
        {
            _fields.Status = (_fields.Status * 10) + next - '0';
        }

        bool fits = _length switch
        {
            < 7 => next == "HTTP/1."u8[_length],
            8 => next == ' ',
            _ => char.IsAsciiDigit((char)next),
        };
        return fits && (_length < 11 || _fields.Status is >= 100 and < 600) ? null : Lose();
    }

    private FramedPart? TakeLineStart(byte next, AnsweredMethod answers)
    {
        if (next is (byte)' ' or (byte)'\t')
        {
            // Obsolete line folding (RFC 9112, 5.2): the value goes on.
            _state = State.Value;
            return _fields.TryFold() ? null : Lose();
        }

        _fields.EndValue();
        if (IsLineEnd(next))
        {
            return TakeLineEnd(next, State.FieldsEnd, answers);
        }

        _state = State.Name;
        _fields.BeginName();
        return next is <= (byte)' ' or >= 0x7f or (byte)':' ? Lose()
            : _fields.TakeName(next) ? FramedPart.NameOfBodyField
            : null;
    }

    private FramedPart BeginBody(AnsweredMethod answers)
    {
        int status = _fields.Status;
        bool isTunnel = status == 101 || (answers == AnsweredMethod.Connect && status is >= 200 and < 300);
        bool isEmpty = status is < 200 or 204 or 304 || answers == AnsweredMethod.Head;
        if (!_fields.TrySettle(isEmpty))
        {
            return Lose();
        }

        _inBody = true;
        _remaining = Math.Max(0, _fields.ContentLength);
        _length = 0;
        _hasDigits = false;
        _state =
            isTunnel ? State.Tunnel
            : _fields.IsChunked ? State.ChunkSize
            : _fields.ContentLength >= 0 ? State.Length
            : State.Close;
        _remaining = _fields.IsChunked ? 0 : _remaining;
        return FramedPart.HeadEnd;
    }

    private readonly State AfterChunkSize => _remaining == 0 ? State.LineStart : State.ChunkData;

    private FramedPart? TakeChunkSize(byte next, AnsweredMethod answers)
    {
        if (_state == State.ChunkSize && char.IsAsciiHexDigit((char)next))
        {
            if (_remaining >> 59 != 0)
            {
                return Lose();
            }

            _remaining = (_remaining << 4) | (uint)((next & 15) + (next >> 6) * 9);
            _hasDigits = true;
            return null;
        }

        if (!_hasDigits)
        {
            return Lose();
        }

        switch (next)
        {
            case (byte)' ' or (byte)'\t':
                _state = State.ChunkSizeEnd;
                return null;
            case (byte)';':
                _state = State.ChunkExtension;
                return null;
            default:
                return TakeLineEnd(next, AfterChunkSize, answers);
        }
    }
}
