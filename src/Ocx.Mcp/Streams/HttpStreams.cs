using Ocx.Mcp.Http;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Streams;

/// <summary>
/// HTTP/1.1 in both directions of a connection: requests and responses become exchanges, and their bodies messages.
/// </summary>
internal sealed class HttpStreams(Conversation conversation, McpShared shared)
{
    private readonly HttpMessages _messages = new(conversation, shared);
    private readonly HttpStream?[] _streams = new HttpStream?[2];
    private DecodeAllowance? _decoding;

    /// <summary>
    /// True while a request has no answer, or not all of it, or a stream is open that may bring answers.
    /// </summary>
    public bool HasExchanges =>
        _messages.Exchanges.Any || _streams[0]?.Exchange is not null || _streams[1]?.Exchange is not null;

    /// <summary>True while a message has begun.</summary>
    public bool IsInMessage =>
        _streams[0] is { Reader.IsBetweenMessages: false } || _streams[1] is { Reader.IsBetweenMessages: false };

    /// <summary>A side turned out to speak HTTP, now or again.</summary>
    public void Start(int side, bool requests)
    {
        if (!requests && IsJoined(1 - side))
        {
            Unjoin(1 - side); // it is the client's: what looked like a stream was a part of a request
            conversation[1 - side].Protocol = Protocol.Unknown;
        }

        Unjoin(side);
        conversation.ClientSide = requests ? side : 1 - side;
        conversation[side].Partial?.Release();
        _streams[side]?.Body.Dispose();
        _streams[side]?.Reader.Release();
        var body = new MessageBody(
            shared,
            () => _decoding ??= new(shared.Decoding),
            (json, in extent) => _messages.TakeJson(side, _streams[side]!, json, extent)
        );
        _streams[side] = new(new(requests, shared.Budget, shared.Strings), body);
    }

    /// <summary>True while a side is read as an event stream whose beginning was not seen.</summary>
    public bool IsJoined(int side) => _streams[side]?.Exchange is { IsJoined: true };

    /// <summary>
    /// True when a client asked whether its request's body is wanted, and was told no: it may keep the body for itself.
    /// </summary>
    public bool IsRefused(int side) =>
        _streams[side] is { Exchange.Status: >= 300, Reader.AwaitsContinue: true } && side == conversation.ClientSide;

    /// <summary>The body of a refused request does not come.</summary>
    public void EndRefused(int side) => _messages.CutRequest(side, _streams[side]!);

    /// <summary>A side is in the middle of an event stream.</summary>
    public void Join(int side, bool chunked)
    {
        Start(side, requests: false);
        HttpStream stream = _streams[side]!;
        stream.MessageStart = conversation[side].Now;
        stream.Reader.JoinEventStream(chunked);
        stream.Body.Begin(stream.Reader.Head);
        stream.Exchange = _messages.Exchanges.Join(conversation.ScopeOfEnds, conversation.Itself, stream.MessageStart);
    }

    /// <summary>
    /// Takes the next bytes of a side, and gives back those that may be of another protocol: a tunnel begins before
    /// them.
    /// </summary>
    public ReadOnlySpan<byte> Feed(int side, ReadOnlySpan<byte> data)
    {
        HttpStream stream = _streams[side]!;
        HttpReader http = stream.Reader;
        if (http.IsLost && !data.IsEmpty && !Resume(side, data))
        {
            return [];
        }

        while (!conversation.IsOpaque)
        {
            if (!http.InMessage)
            {
                stream.MessageStart =
                    stream.MessageStart == 0 && !data.IsEmpty ? conversation[side].Now : stream.MessageStart;
                http.AnswersMethod = side == conversation.ClientSide ? string.Empty : _messages.Exchanges.AwaitedMethod;
            }

            switch (http.Read(ref data, out ReadOnlySpan<byte> body))
            {
                case HttpEvent.NeedMore:
                    return [];
                case HttpEvent.Head:
                    _messages.Begin(side, stream);
                    if (side != conversation.ClientSide && IsRefused(conversation.ClientSide))
                    {
                        conversation[conversation.ClientSide].Protocol = Protocol.NeedMore;
                    }

                    break;
                case HttpEvent.Body:
                    stream.Body.Add(body);
                    break;
                case HttpEvent.End:
                    _messages.End(side, stream);
                    conversation.IsTunnel |= http.Head.OpensTunnel;
                    if (
                        (http.Head.OpensTunnel || http.Head.Method == "CONNECT")
                        && ProtocolSniffer.Sniff(data) != conversation[side].Protocol
                    )
                    {
                        // Some clients do not wait for the proxy's answer.
                        conversation[side].Protocol = Protocol.NeedMore;
                        return data;
                    }

                    if (data.IsEmpty)
                    {
                        return [];
                    }

                    break;
                default:
                    Lose(side);
                    return [];
            }
        }

        return [];
    }

    /// <summary>
    /// Bytes are missing: a body of known length is stepped over, anything else is lost up to the next message.
    /// </summary>
    public void Skip(int side, long missing)
    {
        HttpStream stream = _streams[side]!;
        if (stream.Reader.InMessage)
        {
            stream.Body.Skip(headersOnly: shared.Options.Payload == PayloadMode.Metadata);
        }

        if (!stream.Reader.SkipGap(missing))
        {
            Lose(side);
        }
        else if (stream.Reader.InMessage)
        {
            Feed(side, []);
        }
    }

    /// <summary>The server sends no more, which completes a response without a length (RFC 9112, 6.3).</summary>
    public void EndServer(int side)
    {
        if (_streams[side] is { } stream && stream.Reader.CompleteByClose())
        {
            _messages.End(side, stream);
        }
    }

    /// <summary>The connection is gone: so are the answers that did not come.</summary>
    public void Close(bool clientEndedFirst, bool shed, long now)
    {
        HttpStream? server = _streams[1 - conversation.ClientSide],
            client = _streams[conversation.ClientSide];
        Exchange? answering = server?.Exchange;
        if (client is { Exchange.RequestDone: false, Reader.InMessage: true })
        {
            // Its end will not come: it is told from what was read of it, and its answer may have come before.
            _messages.CutRequest(conversation.ClientSide, client);
        }

        Exchange? asking = client?.Exchange;
        if (!shed && server is { Reader.LastsUntilClose: true })
        {
            // A reset, or the capture's end, may have come in the end's place: all of the answer may be there.
            server.Body.EndPerhaps();
        }

        if (answering is not null)
        {
            answering.NoteMissing(server!.Body.Completeness);
            answering.MayResume = server.Body.MayResume;
        }

        if (shed)
        {
            _messages.Exchanges.NoteMissing(CallCompleteness.Shed);
            answering?.NoteMissing(CallCompleteness.Shed);
        }

        _messages.Exchanges.Close(answering, clientEndedFirst, now);
        _messages.Exchanges.CloseAll(clientEndedFirst, now);
        _messages.Exchanges.Close(asking, clientEndedFirst, now);
        foreach (HttpStream? stream in _streams)
        {
            stream?.Reader.Release();
            stream?.Body.Dispose();
        }
    }

    /// <summary>Bytes of a side passed unseen: if it is the server's, perhaps the answers that are awaited.</summary>
    public void NoteGapInAnswers(int side)
    {
        if (side != conversation.ClientSide)
        {
            _messages.Exchanges.NoteMissing(CallCompleteness.Gap);
        }
    }

    private void Unjoin(int side)
    {
        if (IsJoined(side))
        {
            _messages.Exchanges.Close(_streams[side]!.Exchange, clientEndedFirst: false, conversation[side].Now);
            _streams[side]!.Exchange = null;
        }
    }

    private bool Resume(int side, ReadOnlySpan<byte> data)
    {
        HttpStream stream = _streams[side]!;
        if (!stream.Reader.TryResume(data))
        {
            return false;
        }

        if (!stream.Reader.ResumedInBody)
        {
            if (stream.Exchange is { } broken)
            {
                broken.MayResume = stream.Body.MayResume;
            }

            _messages.EndUnended(side, stream);
            stream.Body.Abandon();
            stream.Exchange = null;
            _messages.Exchanges.Resume(side == conversation.ClientSide, conversation[side].Now);
        }

        return true;
    }

    // What was read of the message is told: the rest of it will not be found.
    private void Lose(int side)
    {
        HttpStream stream = _streams[side]!;
        shared.Counters.HttpLost++;
        if (side == conversation.ClientSide)
        {
            _messages.CutRequest(side, stream, CallCompleteness.Gap);
        }
        else if (stream.Exchange is { } exchange)
        {
            stream.Body.Cut();
            exchange.NoteMissing(CallCompleteness.Gap);
        }

        stream.MessageStart = 0;
    }
}
