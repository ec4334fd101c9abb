using System.Text;
using Ocx.Mcp.Http;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>The HTTP exchanges of one connection, in order (RFC 9112, 9.3), and what becomes of their calls when they end.</summary>
internal sealed class HttpExchanges(McpShared shared)
{
    private const int MaxPipelined = 256;
    private readonly Queue<Exchange> _awaited = [];
    private Exchange? _spare;
    private int _passedOver;

    /// <summary>The method that the next response answers.</summary>
    public string AwaitedMethod => _passedOver == 0 && _awaited.TryPeek(out Exchange? exchange) ? exchange.Method : string.Empty;

    public static ulong ScopeOfEnds(IpEndpoint client, IpEndpoint server) =>
        (1UL << 63) | ((ulong)(uint)HashCode.Combine(client.Address) << 31) | (uint)HashCode.Combine(server) >> 1;

    /// <summary>True while answers are awaited.</summary>
    public bool Any => _awaited.Count > 0;

    /// <summary>A request's exchange, or none when there is no room for it; then its answer is passed over too.</summary>
    public Exchange? Request(HttpHead head, IpEndpoint server, long now)
    {
        Exchange exchange = _spare ?? new();
        _spare = null;
        exchange.Method = head.Method;
        exchange.ProtocolVersion = head.ProtocolVersion;
        (exchange.McpMethod, exchange.McpName) = (head.McpMethod, head.McpName);
        exchange.HasCredential = head.HasCredential;
        exchange.ForeignOrigin = RequestOrigin.Foreign(head.Origin, head.Host);
        (exchange.TraceParent, exchange.TraceState) = (head.TraceParent, head.TraceState);
        exchange.RequestStart = now;
        exchange.SessionId = head.SessionId.Length > 0 ? head.SessionId : SessionOf(head.Target);
        long size = exchange.Size;
        if (_awaited.Count >= MaxPipelined || !shared.Budget.TryTake(size, forCall: true))
        {
            exchange.Reset();
            Shed(now);
            return null;
        }

        exchange.Cost = size;
        exchange.Session = exchange.SessionId.Length > 0 ? shared.Messages.Session(server, exchange.SessionId) : null;
        _awaited.Enqueue(exchange);
        return exchange;
    }

    // Answers come in the order of their requests: to know one's, those before it must be known. All that wait are given up together.
    private void Shed(long now)
    {
        shared.Counters.ShedCalls++;
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

        if (!_awaited.TryDequeue(out Exchange? exchange))
        {
            shared.Counters.Orphans++;
            return null;
        }

        exchange.Status = head.Status;
        exchange.ResponseStart = now;
        exchange.IsEventStream = head.Content == ContentKind.EventStream;
        if (head.SessionId.Length > 0 && exchange.SessionId.Length == 0)
        {
            exchange.SessionId = head.SessionId;
            exchange.Session = shared.Messages.Session(server, exchange.SessionId);
        }

        return exchange;
    }

    /// <summary>The endpoint event of the 2024-11-05 transport: where this stream's answers are asked for.</summary>
    public void Endpoint(Exchange exchange, ReadOnlySpan<byte> data, IpEndpoint server)
    {
        string id = SessionOf(Encoding.UTF8.GetString(data));
        if (id.Length > 0)
        {
            exchange.SessionId = id;
            exchange.Session = shared.Messages.Session(server, exchange.SessionId);
            exchange.Session.ProtocolVersion = "2024-11-05";
        }
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

    /// <summary>The connection is gone, or lost, in the middle of this exchange.</summary>
    public void Close(Exchange? exchange, bool clientEndedFirst, long now)
    {
        if (exchange is { Cost: > 0 })
        {
            Conclude(exchange, closed: true, clientEndedFirst, now);
        }
    }

    public void CloseAll(bool clientEndedFirst, long now)
    {
        while (_awaited.TryDequeue(out Exchange? exchange))
        {
            Conclude(exchange, closed: true, clientEndedFirst, now);
        }
    }

    private void Conclude(Exchange exchange, bool closed, bool clientEndedFirst, long now)
    {
        for (int i = exchange.Calls.Count - 1; i >= 0; i--)
        {
            CallRecord call = exchange.Calls[i];
            call.HttpStatus = exchange.Status;
            call.TimeToFirstByteNs = exchange.ResponseStart > 0 ? Math.Max(0, exchange.ResponseStart - call.StartNs) : -1;
            call.NoteMissing(exchange.Response);
            if (StatusOf(exchange, call, closed, clientEndedFirst) is { } status)
            {
                shared.Calls.Finish(call, status, now);
            }
            else
            {
                call.Exchange = null;
            }
        }

        shared.Budget.Return(exchange.Cost);
        exchange.Reset();
        _spare = exchange;
    }

    private CallStatus? StatusOf(Exchange exchange, CallRecord call, bool closed, bool clientEndedFirst)
    {
        if (exchange.Status >= 300)
        {
            return CallStatus.HttpError;
        }

        if (!closed && exchange.Status == 200 && shared.Options.Payload == PayloadMode.Metadata && exchange.Response == CallCompleteness.Headers)
        {
            return CallStatus.Ok;
        }

        // Its stream was given up, and the answer may have been in what was not read of it.
        if (exchange is { IsEventStream: true, Response: CallCompleteness.Truncated or CallCompleteness.Shed })
        {
            return CallStatus.Unpaired;
        }

        // Closing the stream withdraws the request since 2026-07-28; before, the answer may come on another stream of the session.
        bool stateless = string.CompareOrdinal(call.ProtocolVersion, "2026-07-28") >= 0;
        if (stateless || call.Scope == 0)
        {
            return closed && clientEndedFirst && stateless ? CallStatus.Cancelled : CallStatus.Unpaired;
        }

        return null;
    }

    private static string SessionOf(string target)
    {
        int query = target.IndexOf('?', StringComparison.Ordinal);
        if (query < 0)
        {
            return string.Empty;
        }

        foreach (Range part in target.AsSpan(query + 1).Split('&'))
        {
            ReadOnlySpan<char> pair = target.AsSpan(query + 1)[part];
            int equals = pair.IndexOf('=');
            if (equals > 0 && (pair[..equals].Equals("sessionId", StringComparison.OrdinalIgnoreCase) || pair[..equals].SequenceEqual("session_id")))
            {
                return pair[(equals + 1)..].ToString();
            }
        }

        return string.Empty;
    }
}
