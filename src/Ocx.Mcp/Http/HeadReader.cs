using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Http;

/// <summary>Reads the heads of one direction, each whole in its bytes or in pieces.</summary>
internal sealed class HeadReader(bool request, MemoryBudget budget, Utf8StringCache strings)
{
    /// <summary>In bytes; more is no head that a server would take.</summary>
    public const int LongestHead = 64 << 10;

    private readonly PooledBuffer _partial = new(budget, LongestHead);
    private readonly RepeatedHead _last = new();

    /// <summary>The head that was read.</summary>
    public HttpHead Head { get; } = new();

    /// <summary>True while a part of a head is held.</summary>
    public bool HasPart => _partial.Length > 0;

    /// <summary>
    /// Takes a head off the input: <see cref="HttpEvent.Head"/>, <see cref="HttpEvent.NeedMore"/> while it is not
    /// whole, or <see cref="HttpEvent.Lost"/> where there is none.
    /// </summary>
    public HttpEvent Read(scoped ref ReadOnlySpan<byte> input)
    {
        if (!HasPart && input is [(byte)'\r' or (byte)'\n', ..])
        {
            input = input.TrimStart("\r\n"u8); // empty lines before a request are skipped (RFC 9112, 2.2)
        }

        if (input.IsEmpty)
        {
            return HttpEvent.NeedMore;
        }

        if (!HasPart && TryReadWhole(input, out int length))
        {
            input = input[length..];
            return HttpEvent.Head;
        }

        // It came in pieces, or is none.
        _last.Forget();
        int before = _partial.Length;
        bool fits = _partial.Append(input);
        int end = HttpHeadParser.LengthOf(_partial.Span, searched: before);
        if (end < 0)
        {
            input = [];
            return fits ? HttpEvent.NeedMore : HttpEvent.Lost;
        }

        input = input[(end - before)..];
        bool parsed = HttpHeadParser.TryParse(_partial.Span[..end], request, Head, strings, out _);
        _partial.Release();
        return parsed ? HttpEvent.Head : HttpEvent.Lost;
    }

    /// <summary>What comes has no head.</summary>
    public void Forget()
    {
        Head.Reset();
        _last.Forget();
    }

    /// <summary>Gives memory back.</summary>
    public void Release() => _partial.Release();

    private bool TryReadWhole(ReadOnlySpan<byte> input, out int length)
    {
        if (_last.Begins(input, out length, out long contentLength))
        {
            Head.ContentLength = contentLength >= 0 ? contentLength : Head.ContentLength;
            return true;
        }

        bool isWhole = HttpHeadParser.TryParse(input, request, Head, strings, out length);
        if (isWhole)
        {
            _last.Learn(input[..length], Head);
        }

        return isWhole;
    }
}
