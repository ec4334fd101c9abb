using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Sse;

namespace Ocx.Mcp.Streams;

/// <summary>Takes one JSON text, and what is missing of it. The data is lent.</summary>
internal delegate void JsonSink(ReadOnlySpan<byte> json, in MessageExtent extent);

/// <summary>
/// Turns the body of an HTTP message into JSON texts: the whole body, or the data of each server-sent event.
/// </summary>
internal sealed class MessageBody(McpShared shared, Func<DecodeAllowance> decoding, JsonSink sink) : IDisposable
{
    private readonly PooledBuffer _buffer = new(shared.Budget, shared.Options.MaxMessageBytes);
    private SseReader? _sse;
    private BodyDecoder? _decoder;
    private DecodedSink? _take;
    private LongMessage? _long;
    private ContentKind _kind;
    private long _length;
    private long _read;
    private long _decodedOfMessage;
    private bool _passed;
    private bool _ignored;
    private bool _coded;

    /// <summary>What was lost of the current body.</summary>
    public CallCompleteness Completeness { get; private set; }

    /// <summary>True when the event being reported is the 2024-11-05 transport's <c>endpoint</c>.</summary>
    public bool IsEndpoint => _kind == ContentKind.EventStream && _sse!.Type == SseEventType.Endpoint;

    /// <summary>An event had an id: the stream may be resumed on another.</summary>
    public bool MayResume { get; private set; }

    private bool IsStream => _kind == ContentKind.EventStream;

    public void Begin(HttpHead head)
    {
        Abandon();
        Completeness = CallCompleteness.Complete;
        // Servers read a request as JSON whatever it says it is; what it is, its first byte shows.
        bool isRequest = head.Status == 0;
        _kind = isRequest && head.Content == ContentKind.EventStream ? ContentKind.Other : head.Content;
        _length = head.ContentLength;
        _read = _decodedOfMessage = 0;
        _passed = _ignored = MayResume = false;
        _coded = !head.Codings.IsEmpty;
        if (IsStream)
        {
            _sse ??= new SseReader(shared.Budget, shared.Options.MaxMessageBytes, NewLongMessage);
        }

        if (_coded)
        {
            _take ??= TakeDecoded;
            _decoder = new BodyDecoder(head.Codings, decoding(), shared.Budget);
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
            if (piece.Length == _length && !IsStream)
            {
                // The usual case: the whole body in one piece is read where it lies.
                _passed = true;
                if (_kind != ContentKind.Other || MayBeJson(piece))
                {
                    sink(piece, Extent(CallCompleteness.Complete, piece.Length, null));
                }

                return;
            }

            Take(piece);
            return;
        }

        switch (_decoder.Decode(piece, _take!))
        {
            case DecodeResult.Invalid:
                shared.Counters.Undecodable++;
                GiveUp();
                break;
            case DecodeResult.NoMemory:
                shared.Counters.ShedPayloads++;
                GiveUp(CallCompleteness.Shed);
                break;
            case DecodeResult.Limit:
            case DecodeResult.Stopped when !_ignored:
                shared.Counters.DecodeLimited++;
                GiveUp();
                break;
        }
    }

    public void Skip(bool headersOnly)
    {
        if (_ignored)
        {
            return; // what passed unseen would not have been read either
        }

        Completeness = headersOnly && _buffer.Length == 0 ? CallCompleteness.Headers : CallCompleteness.Gap;
        if (IsStream && _decoder is null)
        {
            _sse!.SkipGap();
            return;
        }

        Ignore();
    }

    /// <summary>Whether the body is complete is not known; a text that is not whole is no fault then.</summary>
    public void EndPerhaps()
    {
        _kind = IsStream ? _kind : ContentKind.Other;
        End();
    }

    /// <summary>The body is complete: reports a text that was gathered in pieces.</summary>
    public void End()
    {
        if (!_passed && !IsStream && (_buffer.Length > 0 || _long is not null))
        {
            long length = !_coded && _length >= 0 ? _length : Math.Max(_read, _buffer.Length);
            sink(_buffer.Span, Extent(Completeness, length, _long));
        }

        Abandon();
    }

    /// <summary>
    /// The body will not be completed: reports what there is of a text. A stream goes on with its next event.
    /// </summary>
    public void Cut()
    {
        if (!_passed && !IsStream)
        {
            Completeness = Completeness == CallCompleteness.Complete ? CallCompleteness.Truncated : Completeness;
            _length = -1;
            End();
        }
    }

    public void Dispose() => Abandon();

    /// <summary>Drops what was gathered of a body that will not be completed, and gives its memory back.</summary>
    public void Abandon()
    {
        _buffer.Release();
        _sse?.Release();
        _ignored = true;
        _long = null;
        if (_decoder is not null)
        {
            Ignore();
        }
    }

    private MessageExtent Extent(CallCompleteness completeness, long length, LongMessage? rest) =>
        new(completeness, length, rest, IsMeant: _kind != ContentKind.Other);

    private LongMessage NewLongMessage() => new(new JsonValues(shared.Strings));

    private void Ignore()
    {
        _ignored = true;
        _decoder?.Dispose();
        _decoder = null;
    }

    // What was decoded so far is told, so that the call that it belongs to is.
    private void GiveUp(CallCompleteness why = CallCompleteness.Truncated)
    {
        NoteMissing(why);
        if (IsStream)
        {
            if (_sse!.TryCut(out ReadOnlySpan<byte> data) && _sse.Type == SseEventType.Message)
            {
                sink(data, Extent(Completeness, _sse.Long?.Length ?? data.Length, _sse.Long));
            }

            _sse.Release();
        }

        Ignore();
    }

    private void NoteMissing(CallCompleteness what) => Completeness = what > Completeness ? what : Completeness;

    // A message is longer than the bound, or than what memory is left for.
    private CallCompleteness CountCut(bool starved)
    {
        shared.Counters.Oversize += starved ? 0 : 1;
        shared.Counters.ShedPayloads += starved ? 1 : 0;
        return starved ? CallCompleteness.Shed : CallCompleteness.Truncated;
    }

    private bool TakeDecoded(ReadOnlySpan<byte> piece)
    {
        _decodedOfMessage += piece.Length;
        return _decodedOfMessage <= shared.Options.Decoding.MaxMessageBytes && Take(piece);
    }

    // False when no more of the body is wanted.
    private bool Take(ReadOnlySpan<byte> piece)
    {
        if (IsStream)
        {
            TakeEvents(piece);
            return true;
        }

        if (_read == 0 && _kind == ContentKind.Other && !MayBeJson(piece))
        {
            Ignore();
            return false;
        }

        _read += piece.Length;
        if (_long is not null)
        {
            _long.Feed(piece);
        }
        else if (!_buffer.Append(piece))
        {
            NoteMissing(CountCut(_buffer.IsStarved));
            _long = NewLongMessage();
            _long.Begin();
            int kept = _buffer.Length - (int)(_read - piece.Length);
            _long.Feed(_buffer.Span);
            _long.Feed(piece[kept..]);
        }

        return true;
    }

    private void TakeEvents(ReadOnlySpan<byte> piece)
    {
        while (_sse!.TryRead(ref piece, out ReadOnlySpan<byte> data))
        {
            _decodedOfMessage = 0;
            if (_sse.Type == SseEventType.Other)
            {
                continue;
            }

            CallCompleteness completeness = _sse.Truncated ? CountCut(_sse.IsStarved) : CallCompleteness.Complete;
            MessageExtent extent = Extent(completeness, _sse.Long?.Length ?? data.Length, _sse.Long);
            sink(data, extent with { IsMeant = MayBeJson(data) }); // a heartbeat need not be
        }

        MayResume |= _sse.HasIds;
    }

    // A page, a picture or a file on the same port is no message, and is not gathered; nor is a heartbeat in words.
    private static bool MayBeJson(ReadOnlySpan<byte> beginning) =>
        beginning.TrimStart("\uFEFF \t\r\n"u8) is [] or [(byte)'{' or (byte)'[', ..];
}
