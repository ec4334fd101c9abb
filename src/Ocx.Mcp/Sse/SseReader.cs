using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;

namespace Ocx.Mcp.Sse;

/// <summary>What an event is to MCP.</summary>
public enum SseEventType
{
    /// <summary>Without a type, or of the type <c>message</c>: its data is a message.</summary>
    Message,

    /// <summary>The 2024-11-05 transport's <c>endpoint</c>.</summary>
    Endpoint,

    /// <summary>Any other: no client of MCP listens for it.</summary>
    Other,
}

/// <summary>
/// An incremental parser of text/event-stream (WHATWG HTML, 9.2.6), fed with spans as they arrive: CR, LF and CRLF line
/// ends,
/// data of several lines, comments, a byte order mark. An event whose data is one line in one span is lent without a
/// copy.
/// What is longer than the bound goes to <paramref name="longEvents"/>, and is not kept.
/// </summary>
internal sealed class SseReader(MemoryBudget budget, int maxEventLength, Func<LongMessage> longEvents)
{
    private static ReadOnlySpan<byte> DataField => "data:"u8;

    private readonly PooledBuffer _line = new(budget, maxEventLength);
    private readonly PooledBuffer _data = new(budget, maxEventLength);
    private bool _started;
    private bool _skipLineFeed;
    private bool _hasData;
    private bool _discarding;
    private bool _dataIsCut;
    private bool _dispatched;
    private bool _lineIsLong;
    private bool _longLineIsData;

    /// <summary>True when the event just read was longer than the bound and is cut.</summary>
    public bool Truncated { get; private set; }

    /// <summary>True when it was cut because memory was short.</summary>
    public bool IsStarved { get; private set; }

    /// <summary>What reads on in the event just read, when it was longer than the bound.</summary>
    public LongMessage? Long { get; private set; }

    /// <summary>An event of the stream had an id: a client may ask for what comes after it on another stream.</summary>
    public bool HasIds { get; private set; }

    /// <summary>What the event just read is.</summary>
    public SseEventType Type { get; private set; }

    /// <summary>
    /// Reads the next event that has data; false when the input is used up. The data is lent until the next call.
    /// </summary>
    public bool TryRead(scoped ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> data)
    {
        data = [];
        if (!_hasData)
        {
            _data.Clear();
        }

        ReadOnlySpan<byte> lent = [];
        bool lentOnly = false;
        while (TryReadLine(ref input, out ReadOnlySpan<byte> line, out bool copied))
        {
            if (line.IsEmpty)
            {
                _line.Clear();
                bool dispatch = _hasData && !_discarding;
                (_hasData, _discarding) = (false, false);
                if (dispatch)
                {
                    data = lentOnly ? lent : _data.Span;
                    _dispatched = true;
                    return true;
                }

                Forget();
                lentOnly = false;
                _data.Clear();
                continue;
            }

            TakeLine(line, copied, ref lent, ref lentOnly);
            _line.Clear();
        }

        if (lentOnly)
        {
            AppendData(lent, isLong: false);
        }

        return false;
    }

    /// <summary>No more of the stream is read: what there is of the event in progress, if it has data.</summary>
    public bool TryCut(out ReadOnlySpan<byte> data)
    {
        if (_line.Span.StartsWith(DataField))
        {
            ReadOnlySpan<byte> none = [];
            bool lentOnly = false;
            TakeLine(_line.Span, copied: true, ref none, ref lentOnly);
        }

        data = _data.Span;
        Truncated = _hasData && !_discarding && !data.IsEmpty;
        return Truncated;
    }

    /// <summary>
    /// Bytes are missing: the event in progress is dropped, the stream goes on after the next empty line.
    /// </summary>
    public void SkipGap()
    {
        _line.Clear();
        _data.Clear();
        (_hasData, _discarding, _started, _skipLineFeed, _lineIsLong) = (false, true, true, false, false);
    }

    /// <summary>Gives memory back and starts a new stream.</summary>
    public void Release()
    {
        _line.Release();
        _data.Release();
        _started = _skipLineFeed = _hasData = _discarding = _lineIsLong = HasIds = false;
        Forget();
    }

    private void Forget()
    {
        (Truncated, IsStarved, _dispatched, _dataIsCut) = (false, false, false, false);
        (Type, Long) = (SseEventType.Message, null);
    }

    private void TakeLine(ReadOnlySpan<byte> line, bool copied, ref ReadOnlySpan<byte> lent, ref bool lentOnly)
    {
        if (_dispatched)
        {
            Forget();
        }

        bool isLong = _lineIsLong;
        _lineIsLong = false;
        int colon = line.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? line : line[..colon],
            value = colon < 0 ? [] : ValueOf(line, colon);
        if (name.SequenceEqual("event"u8))
        {
            Type =
                value.IsEmpty || value.SequenceEqual("message"u8) ? SseEventType.Message
                : value.SequenceEqual("endpoint"u8) ? SseEventType.Endpoint
                : SseEventType.Other;
        }
        else if (name.SequenceEqual("data"u8))
        {
            if (!_hasData && !copied)
            {
                lent = value;
                lentOnly = _hasData = true;
                return;
            }

            if (lentOnly)
            {
                AppendData(lent, isLong: false);
                lentOnly = false;
            }

            if (_hasData)
            {
                AppendData("\n"u8, isLong);
            }

            AppendData(value, isLong);
            _dataIsCut |= isLong;
            _hasData = true;
        }
        else if (name.SequenceEqual("id"u8))
        {
            HasIds |= !value.IsEmpty;
        }
    }

    // A long line's value has been read on in already. Once something is left out, what follows it is not kept either.
    private void AppendData(ReadOnlySpan<byte> value, bool isLong)
    {
        if (!isLong)
        {
            Long?.Feed(value);
        }

        if (_dataIsCut)
        {
            return;
        }

        int before = _data.Length;
        _dataIsCut = !_data.Append(value);
        if (_dataIsCut && Long is null)
        {
            ReadOn(_data.Span[..before]);
            Long!.Feed(value);
        }
    }

    private void ReadOn(ReadOnlySpan<byte> beginning)
    {
        (Truncated, IsStarved) = (true, _line.IsStarved || _data.IsStarved);
        Long = longEvents();
        Long.Begin();
        Long.Feed(beginning);
    }

    private bool TryReadLine(scoped ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> line, out bool copied)
    {
        if (_skipLineFeed && !input.IsEmpty)
        {
            input = input[0] == (byte)'\n' ? input[1..] : input;
            _skipLineFeed = false;
        }

        int end = input.IndexOfAny((byte)'\r', (byte)'\n');
        copied = _line.Length > 0 || _lineIsLong || end < 0;
        if (copied)
        {
            AppendLine(end < 0 ? input : input[..end]);
            line = _line.Span;
        }
        else
        {
            line = input[..end];
        }

        if (end < 0)
        {
            input = [];
            return false;
        }

        _skipLineFeed = input[end] == (byte)'\r';
        input = input[(end + 1)..];
        if (!_started)
        {
            line = line.StartsWith("\uFEFF"u8) ? line["\uFEFF"u8.Length..] : line;
            _started = true;
        }

        return true;
    }

    private void AppendLine(ReadOnlySpan<byte> piece)
    {
        int before = _line.Length;
        if (_lineIsLong)
        {
            if (_longLineIsData)
            {
                Long!.Feed(piece);
            }
        }
        else if (!_line.Append(piece))
        {
            if (_dispatched)
            {
                Forget();
                _data.Clear();
            }

            // What was kept ends with the bytes that still fitted.
            ReadOnlySpan<byte> kept = _line.Span;
            (_lineIsLong, _longLineIsData) = (true, kept.StartsWith(DataField) && !_discarding);
            if (!_longLineIsData)
            {
                return;
            }

            if (Long is null)
            {
                ReadOn(_data.Span);
            }

            Long!.Feed(_hasData ? "\n"u8 : []);
            Long.Feed(ValueOf(kept, DataField.Length - 1));
            Long.Feed(piece[(kept.Length - before)..]);
        }
    }

    private static ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> line, int colon) =>
        line[(colon + 1)..] is [(byte)' ', .. var value] ? value : line[(colon + 1)..];
}
