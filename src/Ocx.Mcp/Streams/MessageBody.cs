using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Sse;

namespace Ocx.Mcp.Streams;

/// <summary>Takes one JSON text, and what is missing of it. The data is lent.</summary>
internal delegate void JsonSink(ReadOnlySpan<byte> json, CallCompleteness completeness);

/// <summary>Turns the body of an HTTP message into JSON texts: the whole body, or the data of each server-sent event.</summary>
internal sealed class MessageBody(MemoryBudget budget, McpOptions options, McpCounters counters, JsonSink sink) : IDisposable
{
    private readonly PooledBuffer _buffer = new(budget, options.MaxMessageBytes);
    private SseReader? _sse;
    private ContentDecoder? _decoder;
    private DecodedSink? _take;
    private ContentKind _kind;
    private long _length;
    private bool _passed;
    private bool _ignored;

    /// <summary>What was lost of the current body.</summary>
    public CallCompleteness Completeness { get; private set; }

    /// <summary>True when the event being reported is the 2024-11-05 transport's <c>endpoint</c>.</summary>
    public bool IsEndpoint => _kind == ContentKind.EventStream && _sse!.IsEndpoint;

    public void Begin(HttpHead head)
    {
        Abandon();
        Completeness = CallCompleteness.Complete;
        _kind = head.Content;
        _length = head.ContentLength;
        _passed = _ignored = false;
        if (_kind == ContentKind.EventStream)
        {
            _sse ??= new SseReader(budget, options.MaxMessageBytes);
        }

        if (head.Coding != ContentCoding.Identity)
        {
            _take ??= Take;
            _decoder = new ContentDecoder(head.Coding);
        }
    }

    public void Add(ReadOnlySpan<byte> piece)
    {
        if (_ignored)
        {
            return;
        }

        if (_decoder is null)
        {
            if (piece.Length == _length && _kind != ContentKind.EventStream)
            {
                // The usual case: the whole body in one piece is read where it lies.
                _passed = true;
                sink(piece, CallCompleteness.Complete);
                return;
            }

            Take(piece);
        }
        else if (!_decoder.TryDecode(piece, _take!) && Completeness != CallCompleteness.Truncated)
        {
            counters.Undecodable++;
            Lose(CallCompleteness.Truncated);
        }
    }

    public void Skip(bool headersOnly)
    {
        Completeness = headersOnly && _buffer.Length == 0 ? CallCompleteness.Headers : CallCompleteness.Gap;
        if (_kind == ContentKind.EventStream && _decoder is null)
        {
            _sse!.SkipGap();
            return;
        }

        _ignored = true;
    }

    /// <summary>The body is complete: reports a text that was gathered in pieces.</summary>
    public void End()
    {
        if (!_passed && _kind != ContentKind.EventStream && _buffer.Length > 0)
        {
            sink(_buffer.Span, Completeness);
        }

        Abandon();
    }

    public void Dispose() => Abandon();

    /// <summary>Drops what was gathered of a body that will not be completed, and gives its memory back.</summary>
    public void Abandon()
    {
        _buffer.Release();
        _sse?.Release();
        _decoder?.Dispose();
        _decoder = null;
    }

    private void Lose(CallCompleteness why)
    {
        _ignored = true;
        Completeness = why > Completeness ? why : Completeness;
    }

    private bool Take(ReadOnlySpan<byte> piece)
    {
        if (_kind == ContentKind.EventStream)
        {
            while (_sse!.TryRead(ref piece, out ReadOnlySpan<byte> data))
            {
                counters.Oversize += _sse.Truncated ? 1 : 0;
                sink(data, _sse.Truncated ? CallCompleteness.Truncated : CallCompleteness.Complete);
            }

            return true;
        }

        if (_buffer.Append(piece))
        {
            return true;
        }

        counters.Oversize += _buffer.IsStarved ? 0 : 1;
        counters.ShedPayloads += _buffer.IsStarved ? 1 : 0;
        Lose(_buffer.IsStarved ? CallCompleteness.Shed : CallCompleteness.Truncated);
        return false;
    }
}
