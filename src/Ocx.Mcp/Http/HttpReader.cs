using System.Buffers.Text;
using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Http;

/// <summary>
/// One direction of an HTTP/1.x connection (RFC 9112), fed with spans as they arrive: heads, body framing by length,
/// chunks (extensions and trailers skipped) or close. Survives gaps inside a body; any other gap loses it until the
/// next message.
/// </summary>
public sealed class HttpReader(bool request, MemoryBudget budget, Utf8StringCache strings)
{
    // Of a chunk's size with its extensions, or of a trailer's field.
    private const int LongestLine = HeadReader.LongestHead;

    private readonly PooledBuffer _partial = new(budget, LongestLine);
    private readonly HeadReader _heads = new(request, budget, strings);
    private State _state;
    private long _remaining;
    private bool _chunkedBeforeLoss;
    private bool _bodyBegan;

    private enum State
    {
        Head,
        Length,
        Close,
        ChunkSize,
        ChunkData,
        ChunkEnd,
        Trailer,
        Lost,
    }

    /// <summary>The head of the current message.</summary>
    public HttpHead Head => _heads.Head;

    /// <summary>
    /// The method of the request that the next response answers: its body depends on it. Set before the head is read.
    /// </summary>
    public string AnswersMethod { get; set; } = string.Empty;

    /// <summary>True while a message is begun and not complete.</summary>
    public bool InMessage => _state is not (State.Head or State.Lost);

    /// <summary>True while nothing is held of a message.</summary>
    public bool IsBetweenMessages => _state is State.Head or State.Lost && !_heads.HasPart && _partial.Length == 0;

    /// <summary>True while the framing is lost.</summary>
    public bool IsLost => _state == State.Lost;

    /// <summary>
    /// True while nothing was read of the body of a request that asked whether it is wanted.
    /// </summary>
    public bool AwaitsContinue => Head.ExpectsContinue && InMessage && !_bodyBegan && _partial.Length == 0;

    /// <summary>True in a body that lasts until close.</summary>
    public bool LastsUntilClose => _state == State.Close;

    /// <summary>True when a gap fell into the current message's body.</summary>
    public bool BodyHasGap { get; private set; }

    /// <summary>Reads the next event off <paramref name="input"/>; <paramref name="body"/> is lent from it.</summary>
    public HttpEvent Read(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> body)
    {
        body = [];
        while (true)
        {
            switch (_state)
            {
                case State.Head:
                    return ReadHead(ref input);
                case State.Length or State.ChunkData when _remaining == 0:
                    if (_state == State.Length)
                    {
                        return Complete();
                    }

                    _state = State.ChunkEnd;
                    continue;
                case State.Length or State.ChunkData or State.Close:
                    if (input.IsEmpty)
                    {
                        return HttpEvent.NeedMore;
                    }

                    int length = _state == State.Close ? input.Length : (int)Math.Min(_remaining, input.Length);
                    _bodyBegan = true;
                    body = input[..length];
                    input = input[length..];
                    _remaining -= length;
                    return HttpEvent.Body;
                case State.Lost:
                    input = [];
                    return HttpEvent.NeedMore;
                default:
                    if (!TryReadLine(ref input, out ReadOnlySpan<byte> line, out bool tooLong))
                    {
                        return tooLong ? Lose() : HttpEvent.NeedMore;
                    }

                    bool known = TakeLine(line, out bool complete);
                    _partial.Clear();
                    if (!known)
                    {
                        return Lose();
                    }

                    if (complete)
                    {
                        return Complete();
                    }

                    continue;
            }
        }
    }

    /// <summary>Bytes of this direction passed unseen; false when the framing is lost by it.</summary>
    public bool SkipGap(long missing)
    {
        BodyHasGap = true;
        if (_state == State.Close)
        {
            return true;
        }

        if (_state is State.Length or State.ChunkData && missing <= _remaining)
        {
            _remaining -= missing;
            return true;
        }

        Lose();
        return false;
    }

    /// <summary>The direction ended: completes a body that lasts until close.</summary>
    public bool CompleteByClose() => _state == State.Close && Complete() == HttpEvent.End;

    /// <summary>
    /// After a loss: true when <paramref name="data"/> begins with a message, or a chunk of the body that was lost.
    /// </summary>
    public bool TryResume(ReadOnlySpan<byte> data)
    {
        if (ProtocolSniffer.Sniff(data) == (request ? Protocol.HttpRequest : Protocol.HttpResponse))
        {
            _state = State.Head;
            return true;
        }

        int line = data[..Math.Min(data.Length, 16)].IndexOf("\r\n"u8);
        if (
            !_chunkedBeforeLoss
            || line <= 0
            || !Utf8Parser.TryParse(data[..line], out long size, out int used, 'x')
            || used != line
            || size <= 0
        )
        {
            return false;
        }

        _state = State.ChunkSize;
        BodyHasGap = true;
        return true;
    }

    /// <summary>
    /// Begins in the middle of the body of an event stream, before a chunk or in a body that lasts until close.
    /// </summary>
    public void JoinEventStream(bool chunked)
    {
        _heads.Forget();
        (Head.Status, Head.Content, Head.Chunked) = (200, ContentKind.EventStream, chunked);
        _state = chunked ? State.ChunkSize : State.Close;
        _chunkedBeforeLoss = chunked;
    }

    /// <summary>True when <see cref="TryResume"/> went on inside the body that was lost.</summary>
    public bool ResumedInBody => _state == State.ChunkSize;

    /// <summary>Gives memory back.</summary>
    public void Release()
    {
        _heads.Release();
        _partial.Release();
    }

    private HttpEvent ReadHead(ref ReadOnlySpan<byte> input) =>
        _heads.Read(ref input) switch
        {
            HttpEvent.Head => Begin(),
            HttpEvent.Lost => Lose(),
            HttpEvent found => found,
        };

    private HttpEvent Begin()
    {
        BodyHasGap = _bodyBegan = false;
        int status = Head.Status;
        bool connect = !request && AnswersMethod == "CONNECT" && status is >= 200 and < 300;
        (Head.SwitchesProtocol, Head.OpensTunnel) = (!request && status == 101, connect);
        bool bodiless = !request && (status is < 200 or 204 or 304 || AnswersMethod == "HEAD" || connect);
        _remaining = bodiless ? 0 : Math.Max(0, Head.ContentLength);
        _state =
            bodiless ? State.Length
            : Head.Chunked ? State.ChunkSize
            : Head.ContentLength >= 0 || request ? State.Length
            : State.Close;
        _chunkedBeforeLoss = _state == State.ChunkSize;
        return HttpEvent.Head;
    }

    private HttpEvent Complete()
    {
        _state = State.Head;
        _chunkedBeforeLoss = false;
        return HttpEvent.End;
    }

    private HttpEvent Lose()
    {
        Release();
        _state = State.Lost;
        return HttpEvent.Lost;
    }

    private bool TryReadLine(scoped ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> line, out bool tooLong)
    {
        int end = input.IndexOf((byte)'\n');
        tooLong = false;
        if (end < 0 || _partial.Length > 0)
        {
            tooLong = !_partial.Append(end < 0 ? input : input[..end]);
            line = _partial.Span;
        }
        else
        {
            line = input[..end];
        }

        input = end < 0 ? [] : input[(end + 1)..];
        line = line is [.., (byte)'\r'] ? line[..^1] : line;
        return end >= 0 && !tooLong;
    }

    private bool TakeLine(ReadOnlySpan<byte> line, out bool complete)
    {
        complete = false;
        switch (_state)
        {
            case State.ChunkSize:
                int extension = line.IndexOf((byte)';');
                ReadOnlySpan<byte> size = (extension < 0 ? line : line[..extension]).TrimEnd(" \t"u8);
                _state = State.ChunkData;
                if (
                    !Utf8Parser.TryParse(size, out _remaining, out int used, 'x')
                    || used != size.Length
                    || _remaining < 0
                )
                {
                    return false;
                }

                _state = _remaining == 0 ? State.Trailer : State.ChunkData;
                return true;
            case State.ChunkEnd:
                _state = State.ChunkSize;
                return line.IsEmpty;
            default:
                complete = line.IsEmpty;
                return true;
        }
    }
}
