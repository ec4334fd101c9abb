namespace Ocx.Audit.Ledger;

/// <summary>The lines of a stream. A line that is too long is handed on cut, and its rest passed over.</summary>
public sealed class LedgerLineReader(Stream stream)
{
    private const byte LineBreak = (byte)'\n';

    // One byte more than a line may have tells that it is too long.
    private readonly byte[] _buffer = new byte[LedgerLimits.Line + 1];
    private int _start;
    private int _end;
    private bool _passOver;

    /// <summary>The next line without its line break; it holds until the next call.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int looked = 0;
        while (true)
        {
            ReadOnlySpan<byte> waiting = _buffer.AsSpan(_start, _end - _start);
            int at = waiting[looked..].IndexOf(LineBreak);
            if (at >= 0)
            {
                line = waiting[..(looked + at)];
                _start += line.Length + 1;
                if (!_passOver)
                {
                    return true;
                }

                _passOver = false;
                looked = 0;
                continue;
            }

            looked = waiting.Length;
            if (_passOver || looked == _buffer.Length)
            {
                _start = _end = looked = 0; // the bytes stay where they are until the next call
                if (!_passOver)
                {
                    _passOver = true;
                    line = _buffer;
                    return true;
                }
            }

            if (!TryFill())
            {
                line = _passOver ? [] : _buffer.AsSpan(_start, _end - _start);
                _start = _end;
                return !line.IsEmpty;
            }
        }
    }

    private bool TryFill()
    {
        if (_end == _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}
