using System.Diagnostics.CodeAnalysis;
using System.Text;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// The HTTP exchanges of one connection, in order (RFC 9112, 9.3), and what becomes of their calls when they end.
/// </summary>
internal sealed class HttpExchanges(McpShared shared)
{
    private const int MaxPipelined = 256;
    private readonly Queue<Exchange> _awaited = [];
    private Exchange? _spare;
    private int _passedOver;

    /// <summary>The method that the next response answers.</summary>
    public string AwaitedMethod =>
        _passedOver == 0 && _awaited.TryPeek(out Exchange? exchange) ? exchange.Method : string.Empty;

    public static ulong ScopeOfEnds(ClientAddress client, IpEndpoint server) =>
        (1UL << 63) | ((ulong)(uint)HashCode.Combine(client) << 31) | (uint)HashCode.Combine(server) >> 1;

    /// <summary>True while answers are awaited.</summary>
    public bool Any => _awaited.Count > 0;

    /// <summary>
    /// A request's exchange, or none when there is no room for it; then its answer is passed over too.
    /// </summary>
    public Exchange? Request(HttpHead head, ClientAddress client, IpEndpoint server, long now)
    {
        Exchange exchange = _spare ?? new();
        _spare = null;
        exchange.Method = head.Method;
        exchange.ProtocolVersion = head.ProtocolVersion;
        (exchange.McpMethod, exchange.McpName) = (head.McpMethod, head.McpName);
        exchange.Parameters = head.Parameters;
        exchange.Resumes = head.Resumes && head.Method == "GET";
        exchange.HasCredential = head.HasCredential;
        exchange.ForeignOrigin = RequestOrigin.Foreign(head.Origin, head.Host);
        (exchange.TraceParent, exchange.TraceState) = (head.TraceParent, head.TraceState);
        exchange.RequestStart = now;
        exchange.SessionId = head.SessionId.Length > 0 ? head.SessionId : EndpointUrl.SessionIdOf(head.Target);
        exchange.Host = head.Host;
        exchange.Target = head.Target;
        exchange.Url = head.Method == "GET" ? EndpointUrl.OfRequest(head.Target, head.Host) : default;
        long size = exchange.Size;
        while (_awaited.Count >= MaxPipelined && _awaited.Peek().Response == CallCompleteness.Gap)
        {
            // Its answer passed unseen: only the requests are captured.
            Conclude(_awaited.Dequeue(), closed: true, clientEndedFirst: false, now);
        }

        if (_awaited.Count >= MaxPipelined || !shared.Budget.TryTake(size, forCall: true))
        {
            exchange.Reset();
            Shed(now);
            return null;
        }

        exchange.Cost = size;
        exchange.Session =
            head.SessionId.Length > 0 ? null : shared.Streams.Find(client, server, head.Target, head.Host);
        exchange.Session ??=
            exchange.SessionId.Length > 0 ? shared.Sessions.FindOrAdd(server, exchange.SessionId) : null;
        exchange.SessionIsOfTarget = exchange.Session is not null && head.SessionId.Length == 0;
        exchange.IsAwaited = true;
        _awaited.Enqueue(exchange);
        return exchange;
    }

    // Answers come in the order of their requests: to know one's, those before it must be known. All that wait are
    // given up together.
    private void Shed(long now)
    {
        shared.Counters.ShedCalls++;
        shared.Counters.UnreadRequests++;
        _passedOver += _awaited.Count + 1;
        NoteMissing(CallCompleteness.Shed);
        CloseAll(clientEndedFirst: false, now);
    }

    /// <summary>The exchange that a response belongs to, or none when its request was not seen or given up.</summary>
    public Exchange? Response(HttpHead head, IpEndpoint server, long now)
    {
        if (_passedOver > 0)
        {
            _passedOver--;
            return null;
        }

        if (!TryNext(out Exchange? exchange))
        {
            shared.Counters.Orphans++;
            return null;
        }

        exchange.Status = head.Status;
        exchange.ResponseStart = now;
        exchange.IsEventStream = head.Content == ContentKind.EventStream;
        exchange.IsAccepted =
            head.Status is Exchange.Accepted or 204 || (head.Status is >= 200 and < 300 && head.ContentLength == 0);
        if (head.SessionId.Length > 0 && exchange.SessionId.Length == 0)
        {
            exchange.SessionId = head.SessionId;
            exchange.Session = shared.Sessions.FindOrAdd(server, exchange.SessionId);
        }

        // A stream's events, and what comes elsewhere, begin for themselves.
        if (exchange is { IsEventStream: false, IsAccepted: false, SessionIsOfTarget: false })
        {
            foreach (OpenCall call in exchange.Calls)
            {
                shared.Calls.Answering(call, now);
            }
        }

        return exchange;
    }

    /// <summary>The endpoint event of the 2024-11-05 transport: where this stream's answers are asked for.</summary>
    public void Endpoint(Exchange exchange, ReadOnlySpan<byte> data, ClientAddress client, IpEndpoint server)
    {
        if (
            exchange.HasEndpoint
            || exchange.Url.Target is null
            || data.Length > Longest.HttpTarget
            || !EndpointUrl.TryResolve(Encoding.UTF8.GetString(data), exchange.Url, out EndpointUrl url)
        )
        {
            return;
        }

        exchange.HasEndpoint = true;
        exchange.SessionId = url.SessionId;
        McpSession session = exchange.Session =
            exchange.SessionId.Length > 0
                ? shared.Sessions.FindOrAdd(server, exchange.SessionId)
                : shared.Handshakes.SessionOfStream(server, url);
        session.HasStream = true;
        session.ProtocolVersion = McpRevisions.Legacy;
        StreamKey endpoint = new(client, server, url);
        long cost = LegacyStreams.CostOf(endpoint);
        if (shared.Budget.TryTake(cost))
        {
            exchange.Cost += cost;
            exchange.Endpoint = endpoint;
            shared.Streams.Add(endpoint, session);
        }
    }

    /// <summary>An event stream that is met in its middle: of its request and its head nothing is known.</summary>
    public Exchange? Join(ulong ends, McpSession connection, long now)
    {
        Exchange exchange = _spare ?? new();
        _spare = null;
        exchange.Url = new(string.Empty, "/"); // its endpoint may still come
        long size = exchange.Size;
        if (!shared.Budget.TryTake(size))
        {
            exchange.Reset();
            return null;
        }

        (exchange.Cost, exchange.Method, exchange.Status, exchange.IsEventStream, exchange.RequestDone) = (
            size,
            "GET",
            200,
            true,
            true
        );
        (exchange.RequestStart, exchange.ResponseStart, exchange.JoinedEnds) = (now, now, ends);
        shared.Streams.Joined.Add(ends, connection);
        return exchange;
    }

    public void EndRequest(Exchange exchange, long now)
    {
        exchange.RequestDone = true;
        if (exchange.ResponseDone)
        {
            Conclude(exchange, closed: false, clientEndedFirst: false, now);
        }
    }

    public void EndResponse(Exchange exchange, long now)
    {
        exchange.ResponseDone = true;
        if (exchange.RequestDone)
        {
            Conclude(exchange, closed: false, clientEndedFirst: false, now);
        }
    }

    /// <summary>After a loss: without pipelining, only the newest exchange can still be under way.</summary>
    public void Resume(bool client, long now)
    {
        int keep = client ? 0 : 1;
        _passedOver = 0;
        while (_awaited.Count > keep)
        {
            Exchange exchange = _awaited.Dequeue();
            exchange.NoteMissing(CallCompleteness.Gap);
            Conclude(exchange, closed: true, clientEndedFirst: false, now);
        }
    }

    /// <summary>Something of the answers that are awaited was left out.</summary>
    public void NoteMissing(CallCompleteness what)
    {
        foreach (Exchange exchange in _awaited)
        {
            exchange.NoteMissing(what);
        }
    }

    /// <summary>
    /// The connection is gone, or lost, in the middle of this exchange. One whose answer is still awaited is left to
    /// that.
    /// </summary>
    public void Close(Exchange? exchange, bool clientEndedFirst, long now)
    {
        if (exchange is { IsOver: false, IsAwaited: true })
        {
            exchange.RequestDone = true; // no more of it will come
        }
        else if (exchange is { IsOver: false })
        {
            Conclude(exchange, closed: true, clientEndedFirst, now);
        }
    }

    public void CloseAll(bool clientEndedFirst, long now)
    {
        while (TryNext(out Exchange? exchange))
        {
            Conclude(exchange, closed: true, clientEndedFirst, now);
        }
    }

    private void Conclude(Exchange exchange, bool closed, bool clientEndedFirst, long now)
    {
        for (int i = exchange.Calls.Count - 1; i >= 0; i--)
        {
            OpenCall call = exchange.Calls[i];
            call.HttpStatus = exchange.Status;
            call.TimeToFirstByteNs =
                exchange.ResponseStart > 0 ? Math.Max(0, exchange.ResponseStart - call.StartNs) : -1;
            call.NoteMissing(exchange.Response);
            if (Unanswered.StatusOf(exchange, call, closed, clientEndedFirst, shared.Options.Payload) is { } status)
            {
                if (exchange.ResponseStart > 0 && status is CallStatus.HttpError or CallStatus.Ok)
                {
                    shared.Calls.Answering(call, exchange.ResponseStart);
                }

                shared.Calls.Finish(call, status, now);
            }
            else
            {
                call.Exchange = null;
                if (call.Scope == 0 && shared.Streams.Joined.Find(call.ScopeOfEnds) is { } connection)
                {
                    OpenCalls.Own(call, connection);
                }
            }
        }

        LeaveEndpoint(exchange);
        if (exchange.IsJoined)
        {
            shared.Streams.Joined.Remove(exchange.JoinedEnds);
        }

        shared.Budget.Return(exchange.Cost);
        exchange.Reset();
        _spare = exchange;
    }

    private bool TryNext([NotNullWhen(true)] out Exchange? exchange)
    {
        if (!_awaited.TryDequeue(out exchange))
        {
            return false;
        }

        exchange.IsAwaited = false;
        return true;
    }

    private void LeaveEndpoint(Exchange exchange)
    {
        if (exchange.Endpoint is { } endpoint)
        {
            exchange.Endpoint = null;
            shared.Streams.Remove(endpoint);
            long cost = LegacyStreams.CostOf(endpoint);
            exchange.Cost -= cost;
            shared.Budget.Return(cost);
        }
    }
}
