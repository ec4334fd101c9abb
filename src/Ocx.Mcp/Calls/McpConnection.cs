using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Calls;

/// <summary>What all connections of a tracker share.</summary>
internal sealed record McpShared(
    McpOptions Options, MemoryBudget Budget, Utf8StringCache Strings, McpCounters Counters, SessionTable Sessions, OpenCalls Calls,
    MessageHandler Messages, IMcpSink Sink);

/// <summary>One connection above TCP: finds out what it speaks, and turns its two streams into exchanges and messages.</summary>
internal sealed class McpConnection : IStreamSink
{
    private readonly ConnectionKey _key;
    private readonly McpShared _shared;
    private readonly StreamReader[] _sides;
    private readonly McpSession _own;
    private readonly HttpExchanges _exchanges;
    private int _client;
    private bool _opaque;
    private bool _clientEndedFirst;
    private bool _serverEnded;

    public McpConnection(ConnectionKey key, McpShared shared)
    {
        (_key, _shared) = (key, shared);
        _own = new McpSession(shared.Sessions.NextScope(), string.Empty);
        _exchanges = new(shared);
        _sides = [new(), new()];
    }

    private IpEndpoint Client => _client == 0 ? _key.Low : _key.High;

    private IpEndpoint Server => _client == 0 ? _key.High : _key.Low;

    public bool IsMessageStart(ReadOnlySpan<byte> data) => ProtocolSniffer.Sniff(data) is not (Protocol.Unknown or Protocol.NeedMore);

    public void OnBytes(int side, ReadOnlySpan<byte> data, long timestampUnixNs)
    {
        if (_opaque)
        {
            return;
        }

        StreamReader stream = _sides[side];
        stream.Now = timestampUnixNs;
        if (stream.Protocol is Protocol.HttpRequest or Protocol.HttpResponse)
        {
            FeedHttp(side, data);
            return;
        }

        Protocol starts = stream.Partial is { Length: > 0 } ? Protocol.NeedMore : ProtocolSniffer.Sniff(data);
        if (stream.Protocol == Protocol.JsonLines && starts is not (Protocol.HttpRequest or Protocol.HttpResponse))
        {
            FeedLines(side, data);
            return;
        }

        if (stream.Protocol == Protocol.NeedMore && starts == Protocol.NeedMore)
        {
            stream.Partial ??= new(_shared.Budget, TlsClientHello.MaxRecordLength);
            stream.Partial.Append(data);
            starts = ProtocolSniffer.Sniff(stream.Partial.Span);
            if (starts is Protocol.NeedMore)
            {
                return;
            }

            byte[] begun = stream.Partial.Span.ToArray();
            stream.Partial.Release();
            Start(side, starts, begun);
            return;
        }

        if (stream.Protocol == Protocol.Tls)
        {
            FeedTls(side, data);
            return;
        }

        if (stream.Protocol == Protocol.NeedMore || starts is Protocol.HttpRequest or Protocol.HttpResponse)
        {
            Start(side, starts, data);
        }
    }

    public void OnGap(int side, long missing, long timestampUnixNs)
    {
        StreamReader stream = _sides[side];
        stream.Now = timestampUnixNs;
        if (stream.Http is { } http)
        {
            if (http.InMessage)
            {
                stream.Body!.Skip(headersOnly: _shared.Options.Payload == PayloadMode.Metadata);
            }

            if (!http.SkipGap(missing))
            {
                LoseHttp(side);
            }
            else if (http.InMessage)
            {
                FeedHttp(side, []);
            }
        }
        else
        {
            stream.Partial?.Release();
            stream.AfterGap = stream.Protocol == Protocol.JsonLines;
        }
    }

    public void OnEnd(int side, long timestampUnixNs)
    {
        StreamReader stream = _sides[side];
        stream.Now = timestampUnixNs;
        if (stream.Protocol == Protocol.JsonLines && stream.Partial is { Length: > 0 })
        {
            TakeLine(side, stream.Partial.Span);
            stream.Partial.Release();
        }

        if (side == _client)
        {
            _clientEndedFirst |= !_serverEnded;
        }
        else
        {
            _serverEnded = true;
            if (stream.Http is { } http && http.CompleteByClose())
            {
                EndMessage(side);
            }
        }
    }

    public void OnClosed(long timestampUnixNs)
    {
        Exchange? answering = _sides[1 - _client].Exchange, asking = _sides[_client].Exchange;
        _exchanges.Close(answering, _clientEndedFirst, timestampUnixNs);
        _exchanges.Close(asking is { ResponseDone: true } ? asking : null, _clientEndedFirst, timestampUnixNs);
        _exchanges.CloseAll(_clientEndedFirst, timestampUnixNs);
        foreach (StreamReader stream in _sides)
        {
            stream.Partial?.Release();
            stream.Http?.Release();
            stream.Body?.Dispose();
        }
    }

    private void Start(int side, Protocol protocol, ReadOnlySpan<byte> data)
    {
        StreamReader stream = _sides[side];
        bool again = stream.Protocol != Protocol.NeedMore;
        stream.Protocol = protocol;
        switch (protocol)
        {
            case Protocol.HttpRequest or Protocol.HttpResponse:
                _client = protocol == Protocol.HttpRequest ? side : 1 - side;
                stream.Partial?.Release();
                stream.Http = new(protocol == Protocol.HttpRequest, _shared.Budget, _shared.Strings);
                stream.Body = new(_shared.Budget, _shared.Options, _shared.Counters, (json, completeness) => TakeHttpJson(side, json, completeness));
                FeedHttp(side, data);
                break;
            case Protocol.JsonLines:
                FeedLines(side, data);
                break;
            case Protocol.Tls:
                FeedTls(side, data);
                break;
            case Protocol.Http2:
                _client = side;
                Opaque(UnreadableKind.Http2, default);
                break;
            default:
                _shared.Counters.UnknownStreams += again ? 0 : 1;
                break;
        }
    }

    private void Opaque(UnreadableKind kind, TlsClientHello hello)
    {
        _opaque = true;
        _shared.Counters.Tls += kind == UnreadableKind.Tls ? 1 : 0;
        _shared.Counters.Http2 += kind == UnreadableKind.Http2 ? 1 : 0;
        _shared.Counters.Upgraded += kind == UnreadableKind.Upgraded ? 1 : 0;
        _shared.Sink.OnUnreadable(new(kind, Client, Server, hello.ServerName ?? string.Empty, hello.Alpn ?? string.Empty));
        foreach (StreamReader stream in _sides)
        {
            stream.Partial?.Release();
        }
    }

    private void FeedTls(int side, ReadOnlySpan<byte> data)
    {
        StreamReader stream = _sides[side];
        stream.Partial ??= new(_shared.Budget, TlsClientHello.MaxRecordLength);
        bool fits = stream.Partial.Append(data);
        int length = TlsClientHello.RecordLength(stream.Partial.Span);
        if (fits && (length == 0 || stream.Partial.Length < length))
        {
            return;
        }

        bool hello = TlsClientHello.TryParse(stream.Partial.Span, out TlsClientHello named);
        _client = hello ? side : 1 - side;
        Opaque(UnreadableKind.Tls, named);
    }

    private void FeedLines(int side, ReadOnlySpan<byte> data)
    {
        StreamReader stream = _sides[side];
        while (!data.IsEmpty)
        {
            int end = data.IndexOf((byte)'\n');
            if (end < 0 || stream.Partial is { Length: > 0 })
            {
                stream.Partial ??= new(_shared.Budget, _shared.Options.MaxMessageBytes);
                if (!stream.Partial.Append(end < 0 ? data : data[..end]) && !stream.AfterGap)
                {
                    _shared.Counters.Oversize++;
                    stream.AfterGap = true;
                }

                if (end < 0)
                {
                    return;
                }

                TakeLine(side, stream.Partial.Span);
                stream.Partial.Clear();
            }
            else
            {
                TakeLine(side, data[..end]);
            }

            data = data[(end + 1)..];
        }
    }

    private void TakeLine(int side, ReadOnlySpan<byte> line)
    {
        StreamReader stream = _sides[side];
        if (stream.AfterGap)
        {
            stream.AfterGap = false; // the rest of a line whose beginning is missing
            return;
        }

        // Whoever asks first is the client.
        if (!stream.SeenLine && !_sides[1 - side].SeenLine)
        {
            _client = side;
        }

        stream.SeenLine = true;
        _shared.Messages.Take(line, CallCompleteness.Complete, Place(side, null, stream.Now));
    }

    private void FeedHttp(int side, ReadOnlySpan<byte> data)
    {
        StreamReader stream = _sides[side];
        HttpReader http = stream.Http!;
        if (http.IsLost && !data.IsEmpty)
        {
            if (!http.TryResume(data))
            {
                return;
            }

            if (!http.ResumedInBody)
            {
                stream.Body!.Abandon();
                _exchanges.Close(side == _client ? null : stream.Exchange, clientEndedFirst: false, stream.Now);
                stream.Exchange = null;
                _exchanges.Resume(side == _client, stream.Now);
            }
        }

        while (!_opaque)
        {
            if (!http.InMessage)
            {
                stream.MessageStart = stream.MessageStart == 0 && !data.IsEmpty ? stream.Now : stream.MessageStart;
                http.AnswersMethod = side == _client ? string.Empty : _exchanges.AwaitedMethod;
            }

            switch (http.Read(ref data, out ReadOnlySpan<byte> body))
            {
                case HttpEvent.NeedMore:
                    return;
                case HttpEvent.Head:
                    BeginMessage(side, http.Head);
                    break;
                case HttpEvent.Body:
                    stream.Body!.Add(body);
                    break;
                case HttpEvent.End:
                    EndMessage(side);
                    break;
                default:
                    LoseHttp(side);
                    return;
            }
        }
    }

    private void BeginMessage(int side, HttpHead head)
    {
        StreamReader stream = _sides[side];
        if (side == _client)
        {
            stream.Exchange = _exchanges.Request(head, Server, stream.MessageStart);
        }
        else if (head.Status is >= 200 or 101)
        {
            stream.Exchange = _exchanges.Response(head, Server, stream.MessageStart);
        }

        stream.Body!.Begin(head);
        if (head.SwitchesProtocol)
        {
            Opaque(UnreadableKind.Upgraded, default);
        }
    }

    private void EndMessage(int side)
    {
        StreamReader stream = _sides[side];
        if (side != _client && stream.Http!.Head.Status < 200)
        {
            stream.MessageStart = 0; // 100 Continue and its like: the response is still to come (RFC 9110, 15.2)
            return;
        }

        stream.Body!.End();
        if (stream.Exchange is { } exchange)
        {
            stream.Exchange = null;
            if (side == _client)
            {
                if (exchange.Calls.Count == 0 && exchange.McpMethod.Length > 0 && stream.Body.Completeness != CallCompleteness.Complete
                    && !exchange.McpMethod.StartsWith("notifications/", StringComparison.Ordinal))
                {
                    _shared.Messages.OpenFromHeaders(Place(side, exchange, stream.MessageStart), stream.Body.Completeness);
                }

                foreach (CallRecord call in exchange.Calls)
                {
                    call.Touch(stream.Body.Completeness);
                }

                _exchanges.EndRequest(exchange, stream.Now);
            }
            else
            {
                exchange.Response = stream.Body.Completeness;
                _exchanges.EndResponse(exchange, stream.Now);
            }
        }

        stream.MessageStart = 0;
    }

    private void LoseHttp(int side)
    {
        StreamReader stream = _sides[side];
        _shared.Counters.HttpLost++;
        stream.MessageStart = 0;
        if (stream.Exchange is { } exchange)
        {
            HttpExchanges.Touch(exchange);
            exchange.RequestDone |= side == _client;
            stream.Exchange = side == _client ? null : exchange;
        }
    }

    private void TakeHttpJson(int side, ReadOnlySpan<byte> json, CallCompleteness completeness)
    {
        StreamReader stream = _sides[side];
        if (stream.Exchange is not { } exchange)
        {
            return;
        }

        if (stream.Body!.IsEndpoint)
        {
            _exchanges.Endpoint(exchange, json, Server);
            return;
        }

        long firstByte = exchange.IsEventStream && side != _client ? stream.Now : stream.MessageStart;
        _shared.Messages.Take(json, completeness, Place(side, exchange, firstByte));
    }

    private MessagePlace Place(int side, Exchange? exchange, long firstByte) => new(
        Client, Server, side != _client, exchange, _own, HttpExchanges.ScopeOfEnds(Client, Server), firstByte, _sides[side].Now);

    private sealed class StreamReader
    {
        public Protocol Protocol { get; set; }

        public PooledBuffer? Partial { get; set; }

        public HttpReader? Http { get; set; }

        public MessageBody? Body { get; set; }

        public Exchange? Exchange { get; set; }

        public long MessageStart { get; set; }

        public long Now { get; set; }

        public bool AfterGap { get; set; }

        public bool SeenLine { get; set; }
    }
}
