namespace Ocx.Mcp.Http;

/// <summary>
/// A stream over the bytes fed last: an empty read means "none yet", and the inflater asks again later.
/// </summary>
internal sealed class FedStream : Stream
{
    private const int LongestKept = 4 << 10;

    private byte[] _bytes = [];
    private int _at;
    private int _end;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>What was fed and not read yet.</summary>
    public ReadOnlySpan<byte> Rest => _bytes.AsSpan(_at, _end - _at);

    /// <summary>True when something was left of what was fed.</summary>
    public bool HasRest => _at < _end;

    /// <summary>Adds bytes behind those that are left.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        int rest = _end - _at;
        byte[] to = _bytes.Length >= rest + bytes.Length ? _bytes : new byte[rest + bytes.Length];
        Rest.CopyTo(to);
        bytes.CopyTo(to.AsSpan(rest));
        (_bytes, _at, _end) = (to, 0, rest + bytes.Length);
    }

    /// <summary>Gives a large array back: a stream that waits for its next bytes holds little.</summary>
    public void Shrink()
    {
        if (_bytes.Length > LongestKept)
        {
            (_bytes, _at, _end) = (Rest.ToArray(), 0, _end - _at);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, _end - _at);
        _bytes.AsSpan(_at, length).CopyTo(buffer);
        _at += length;
        return length;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
