using Ocx.Mcp.Http;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Streams;

/// <summary>One connection above TCP: finds out what its streams speak, and hands them to the reader of that.</summary>
internal sealed class McpConnection : IStreamSink
{
    private readonly McpShared _shared;
    private readonly Conversation _conversation;
    private readonly HttpStreams _http;
    private readonly LineStreams _lines;
    private bool _clientEndedFirst;
    private bool _serverEnded;
    private bool _isProxied;

    // How many bytes of a proxy's header are still to come; they are of no use.
    private int _restOfHeader;

    public McpConnection(ConnectionEnds ends, McpShared shared)
    {
        _shared = shared;
        _conversation = new(ends, shared);
        _http = new(_conversation, shared);
        _lines = new(_conversation, shared);
    }

    public Worth Worth =>
        _http.HasExchanges || _lines.HasCalls ? Worth.Calls
        : _conversation[0].Partial is { Length: > 0 }
        || _conversation[1].Partial is { Length: > 0 }
        || _http.IsInMessage
            ? Worth.Bytes
        : Worth.Nothing;

    public bool IsMessageStart(ReadOnlySpan<byte> data) =>
        ProtocolSniffer.Sniff(data) is not (Protocol.Unknown or Protocol.NeedMore)
        || EventStreamMiddle.Begins(data, out _);

    public void OnBytes(int side, ReadOnlySpan<byte> data, long timeNs)
    {
        if (_conversation.IsOpaque)
        {
            return;
        }

        ConversationStream stream = _conversation[side];
        stream.Now = _shared.Decoding.NowUnixNs = timeNs;
        switch (stream.Protocol)
        {
            case Protocol.HttpResponse
                when _http.IsJoined(side)
                    && ProtocolSniffer.Sniff(data) is var starts and (Protocol.HttpRequest or Protocol.HttpResponse):
                Start(side, starts, data); // that was no stream, or it is over
                break;
            case Protocol.HttpRequest or Protocol.HttpResponse:
                FeedHttp(side, data);
                break;
            case Protocol.NeedMore:
                Sniff(side, data[SkipHeader(side, data.Length)..]);
                break;
            case Protocol.Tls:
                FeedTls(side, data);
                break;
            default:
                FeedOrStartAgain(side, data);
                break;
        }
    }

    public void OnGap(int side, long missing, long timeNs)
    {
        ConversationStream stream = _conversation[side];
        stream.Now = timeNs;
        switch (stream.Protocol)
        {
            case Protocol.HttpRequest or Protocol.HttpResponse:
                _http.Skip(side, missing);
                break;
            case Protocol.JsonLines:
                _lines.Skip(side);
                break;
            default:
                SkipHeader(side, missing);
                stream.Partial?.Release();
                break;
        }

        _http.NoteGapInAnswers(side);
        _lines.NoteGapInAnswers(side);
    }

    public void OnEnd(int side, long timeNs)
    {
        ConversationStream stream = _conversation[side];
        stream.Now = timeNs;
        if (stream.Protocol == Protocol.JsonLines)
        {
            _lines.End(side);
        }

        NoteEnd(side);
        if (side != _conversation.ClientSide)
        {
            _http.EndServer(side);
        }
    }

    public void OnReset(int side) => NoteEnd(side);

    public void OnClosed(bool shed, long timeNs)
    {
        _http.Close(_clientEndedFirst, shed, timeNs);
        _lines.Close(shed, timeNs);
        _conversation.Release();
        _shared.Sessions.Discharge(_conversation.Itself);
    }

    private void Sniff(int side, ReadOnlySpan<byte> data)
    {
        ConversationStream stream = _conversation[side];
        if (stream.Partial is { Length: > 0 } begun)
        {
            byte[] whole = [.. begun.Span, .. data];
            begun.Release();
            data = whole;
        }

        Protocol starts = ProtocolSniffer.Sniff(data);
        if (starts == Protocol.ProxyHeader)
        {
            int header = ProxyHeader.Read(data, out IpEndpoint? client);
            if (header > 0 && MayBeProxied(side))
            {
                _isProxied = true;
                if (client is { } named)
                {
                    _conversation.NameClient(side, named);
                }

                _restOfHeader = header;
                _conversation.ClientSide = side;
                Sniff(side, data[SkipHeader(side, data.Length)..]);
                return;
            }

            starts = header == 0 ? Protocol.NeedMore : Protocol.Unknown;
        }

        if (starts == Protocol.NeedMore)
        {
            stream.Partial ??= new(_shared.Budget, TlsClientHello.MaxRecordLength);
            stream.Partial.Append(data);
            return;
        }

        if (_http.IsRefused(side))
        {
            if (starts != Protocol.HttpRequest)
            {
                stream.Protocol = Protocol.HttpRequest;
                FeedHttp(side, data);
                return;
            }

            _http.EndRefused(side);
        }

        Start(side, starts, data);
    }

    private int SkipHeader(int side, long bytes)
    {
        int skipped = side == _conversation.ClientSide ? (int)Math.Min(_restOfHeader, bytes) : 0;
        _restOfHeader -= skipped;
        return skipped;
    }

    // What is no HTTP yet may turn to it: after a gap in what looked like lines, or in a stream joined in its middle.
    private void FeedOrStartAgain(int side, ReadOnlySpan<byte> data)
    {
        ConversationStream stream = _conversation[side];
        bool mayStart = stream.Partial is not { Length: > 0 } begun || IsWholeText(begun.Span);
        Protocol starts = mayStart ? ProtocolSniffer.Sniff(data) : Protocol.NeedMore;
        if (starts is Protocol.HttpRequest or Protocol.HttpResponse)
        {
            Start(side, starts, data);
        }
        else if (stream.Protocol == Protocol.JsonLines)
        {
            _lines.Feed(side, data);
        }
        else
        {
            TryJoin(side, data);
        }
    }

    // A body whose head passed before the tap came looks like a line, and its end is where the next head begins.
    private static bool IsWholeText(ReadOnlySpan<byte> begun) => begun[^1] is (byte)'}' or (byte)']';

    // A stream of events that was opened before the tap; nothing is asked on its connection until it ends.
    private bool TryJoin(int side, ReadOnlySpan<byte> data)
    {
        bool joins =
            _conversation[1 - side]
                is { Protocol: Protocol.NeedMore or Protocol.Unknown, Partial: null or { Length: 0 } }
            & EventStreamMiddle.Begins(data, out bool chunked);
        if (joins)
        {
            _conversation[side].Protocol = Protocol.HttpResponse;
            _http.Join(side, chunked);
            FeedHttp(side, data);
        }

        return joins;
    }

    private void FeedHttp(int side, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> tunnelled = _http.Feed(side, data);
        if (!tunnelled.IsEmpty)
        {
            Sniff(side, tunnelled);
        }
    }

    // The proxy speaks first, and once.
    private bool MayBeProxied(int side) =>
        !_isProxied
        && !_conversation.IsTunnel
        && _conversation[1 - side] is { Protocol: Protocol.NeedMore, Partial: null or { Length: 0 } };

    private void Start(int side, Protocol protocol, ReadOnlySpan<byte> data)
    {
        ConversationStream stream = _conversation[side];
        bool again = stream.Protocol != Protocol.NeedMore;
        stream.Protocol = protocol;
        switch (protocol)
        {
            case Protocol.HttpRequest or Protocol.HttpResponse:
                _http.Start(side, requests: protocol == Protocol.HttpRequest);
                FeedHttp(side, data);
                break;
            case Protocol.JsonLines:
                _lines.Feed(side, data);
                break;
            case Protocol.Tls:
                FeedTls(side, data);
                break;
            case Protocol.Http2:
                _conversation.ClientSide = data[0] == 0 ? 1 - side : side; // only the client has a preface in words
                _conversation.Abandon(UnreadableKind.Http2);
                break;
            case Protocol.Unknown when _conversation.IsTunnel:
                _conversation.Abandon(UnreadableKind.Upgraded);
                break;
            default:
                _shared.Counters.UnknownStreams += TryJoin(side, data) || again ? 0 : 1;
                break;
        }
    }

    private void NoteEnd(int side)
    {
        bool client = side == _conversation.ClientSide;
        _clientEndedFirst |= client && !_serverEnded;
        _serverEnded |= !client;
    }

    // The ClientHello says where to; without one the side is the server's.
    private void FeedTls(int side, ReadOnlySpan<byte> data)
    {
        ConversationStream stream = _conversation[side];
        if (stream.Partial is not { Length: > 0 } && !data.IsEmpty && data[0] != TlsClientHello.Handshake)
        {
            _conversation.ClientSide = _conversation.LikelyClientSide; // the handshake was before the tap
            _conversation.Abandon(UnreadableKind.Tls);
            return;
        }

        stream.Partial ??= new(_shared.Budget, TlsClientHello.MaxRecordLength);
        bool fits = stream.Partial.Append(data);
        int length = TlsClientHello.RecordLength(stream.Partial.Span);
        if (fits && (length == 0 || stream.Partial.Length < length))
        {
            return;
        }

        bool hello = TlsClientHello.TryParse(stream.Partial.Span, out TlsClientHello named);
        _conversation.ClientSide = hello ? side : 1 - side;
        _conversation.Abandon(UnreadableKind.Tls, named);
    }
}
