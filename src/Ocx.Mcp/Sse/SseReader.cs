using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Sse;

/// <summary>
/// An incremental parser of text/event-stream (WHATWG HTML, 9.2.6), fed with spans as they arrive: CR, LF and CRLF line ends,
/// data of several lines, comments, a byte order mark. An event whose data is one line in one span is lent without a copy.
/// </summary>
public sealed class SseReader(MemoryBudget budget, int maxEventLength)
{
    private readonly PooledBuffer _line = new(budget, maxEventLength);
    private readonly PooledBuffer _data = new(budget, maxEventLength);
    private bool _started;
    private bool _skipLineFeed;
    private bool _hasData;
    private bool _discarding;
    private bool _dispatched;

    /// <summary>True when the event just read was longer than the bound and is cut.</summary>
    public bool Truncated { get; private set; }

    /// <summary>True when the event just read is the 2024-11-05 transport's <c>endpoint</c> event.</summary>
    public bool IsEndpoint { get; private set; }

    /// <summary>Reads the next event that has data; false when the input is used up. The data is lent until the next call.</summary>
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
                bool endpoint = IsEndpoint;
                (_hasData, _discarding) = (false, false);
                if (dispatch)
                {
                    data = lentOnly ? lent : _data.Span;
                    _dispatched = true;
                    IsEndpoint = endpoint;
                    return true;
                }

                Truncated = IsEndpoint = lentOnly = false;
                _data.Clear();
                continue;
            }

            TakeLine(line, copied, ref lent, ref lentOnly);
            _line.Clear();
        }

        if (lentOnly)
        {
            Truncated |= !_data.Append(lent);
        }

        return false;
    }

    /// <summary>Bytes are missing: the event in progress is dropped, the stream goes on after the next empty line.</summary>
    public void SkipGap()
    {
        _line.Clear();
        _data.Clear();
        (_hasData, _discarding, _started, _skipLineFeed) = (false, true, true, false);
    }

    /// <summary>Gives memory back and starts a new stream.</summary>
    public void Release()
    {
        _line.Release();
        _data.Release();
        _started = _skipLineFeed = _hasData = _discarding = Truncated = IsEndpoint = _dispatched = false;
    }

    private void TakeLine(ReadOnlySpan<byte> line, bool copied, ref ReadOnlySpan<byte> lent, ref bool lentOnly)
    {
        if (_dispatched)
        {
            Truncated = IsEndpoint = _dispatched = false;
        }

        int colon = line.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? line : line[..colon], value = colon < 0 ? [] : line[(colon + 1)..];
        value = value is [(byte)' ', ..] ? value[1..] : value;
        if (name.SequenceEqual("event"u8))
        {
            IsEndpoint = value.SequenceEqual("endpoint"u8);
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
                Truncated |= !_data.Append(lent);
                lentOnly = false;
            }

            Truncated |= (_hasData && !_data.Append("\n"u8)) | !_data.Append(value);
            _hasData = true;
        }
    }

    private bool TryReadLine(scoped ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> line, out bool copied)
    {
        if (_skipLineFeed && !input.IsEmpty)
        {
            input = input[0] == (byte)'\n' ? input[1..] : input;
            _skipLineFeed = false;
        }

        int end = input.IndexOfAny((byte)'\r', (byte)'\n');
        copied = _line.Length > 0 || end < 0;
        if (copied)
        {
            Truncated |= !_line.Append(end < 0 ? input : input[..end]);
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
}
