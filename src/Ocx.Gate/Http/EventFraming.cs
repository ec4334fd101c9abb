namespace Ocx.Gate.Http;

/// <summary>What the bytes were that <see cref="EventFraming.Take"/> took.</summary>
internal enum EventPart : byte
{
    /// <summary>Line ends between events.</summary>
    Between,

    /// <summary>No byte: the next one is an event's first.</summary>
    Begin,

    /// <summary>Names of fields, other fields, comments; the second byte of a line's end.</summary>
    Other,

    /// <summary>Bytes of a value of data.</summary>
    Data,

    /// <summary>The byte that ends a line.</summary>
    LineEnd,

    /// <summary>The byte that ends an event: that of its empty line.</summary>
    End,
}

/// <summary>
/// Where the events of an event stream begin and end (WHATWG HTML, 9.2.6), and where the values of their data lie; byte
/// by byte, with a few bytes of its own, so that it can be copied at any place.
/// </summary>
internal struct EventFraming
{
    private State _state;
    private byte _matched;
    private bool _isFurtherLine;
    private bool _skipsLineFeed;

    private enum State : byte
    {
        LineStart,
        Mark,
        Name,
        AfterColon,
        Value,
        OtherLine,
    }

    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    private static ReadOnlySpan<byte> Name => "data"u8;

    /// <summary>True from an event's first byte to its end.</summary>
    public bool InEvent { get; private set; }

    /// <summary>The event has data.</summary>
    public bool HasData { get; private set; }

    /// <summary>Takes bytes of one part.</summary>
    /// <param name="data">The next bytes; not empty.</param>
    /// <param name="taken">How many were taken.</param>
    public EventPart Take(ReadOnlySpan<byte> data, out int taken)
    {
        taken = 1;
        byte next = data[0];
        if (_skipsLineFeed)
        {
            _skipsLineFeed = false;
            if (next == '\n')
            {
                return InEvent ? EventPart.Other : EventPart.Between;
            }
        }

        if (next is (byte)'\r' or (byte)'\n')
        {
            return TakeLineEnd(next);
        }

        if (!InEvent)
        {
            (InEvent, HasData, taken) = (true, false, 0);
            return EventPart.Begin;
        }

        if (_state == State.AfterColon)
        {
            _state = State.Value;
            if (next == ' ')
            {
                return EventPart.Other;
            }
        }

        if (_state is State.Value or State.OtherLine)
        {
            int line = data.IndexOfAny((byte)'\r', (byte)'\n');
            taken = line < 0 ? data.Length : line;
            return _state == State.Value ? EventPart.Data : EventPart.Other;
        }

        TakeName(next);
        return EventPart.Other;
    }

    private EventPart TakeLineEnd(byte next)
    {
        _skipsLineFeed = next == '\r';
        bool isEmpty = _state == State.LineStart || (_state == State.Mark && _matched == ByteOrderMark.Length);
        HasData |= _state == State.Name && _matched == Name.Length;
        (_state, _isFurtherLine) = (State.LineStart, true);
        if (!isEmpty)
        {
            return EventPart.LineEnd;
        }

        bool ends = InEvent;
        InEvent = false;
        return ends ? EventPart.End : EventPart.Between;
    }

    private void TakeName(byte next)
    {
        if (_state == State.LineStart)
        {
            bool isMark = !_isFurtherLine && next == ByteOrderMark[0];
            (_state, _matched) = (isMark ? State.Mark : State.Name, 0);
        }

        if (_state == State.Mark && _matched == ByteOrderMark.Length)
        {
            (_state, _matched) = (State.Name, 0);
        }

        ReadOnlySpan<byte> expected = _state == State.Mark ? ByteOrderMark : Name;
        if (_matched < expected.Length && next == expected[_matched])
        {
            _matched++;
        }
        else if (_state == State.Name && _matched == Name.Length && next == ':')
        {
            (_state, HasData) = (State.AfterColon, true);
        }
        else
        {
            _state = State.OtherLine;
        }
    }
}
