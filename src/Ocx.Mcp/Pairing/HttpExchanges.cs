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
    private readonly Stack<Exchange> _spare = [];

    /// <summary>The method that the next response answers.</summary>
    public string AwaitedMethod => _awaited.TryPeek(out Exchange? exchange) ? exchange.Method : string.Empty;

    public static ulong ScopeOfEnds(IpEndpoint client, IpEndpoint server) =>
        (1UL << 63) | ((ulong)(uint)HashCode.Combine(client.Address) << 31) | (uint)HashCode.Combine(server) >> 1;

    public Exchange Request(HttpHead head, IpEndpoint server, long now)
    {
        if (_awaited.Count >= MaxPipelined)
        {
            Conclude(_awaited.Dequeue(), closed: true, clientEndedFirst: false, now);
        }

        Exchange exchange = _spare.TryPop(out Exchange? spare) ? spare : new();
        exchange.Method = head.Method;
        exchange.ProtocolVersion = head.ProtocolVersion;
        (exchange.McpMethod, exchange.McpName) = (head.McpMethod, head.McpName);
        exchange.HasCredential = head.HasCredential;
        exchange.ForeignOrigin = RequestOrigin.Foreign(head.Origin, head.Host);
        (exchange.TraceParent, exchange.TraceState) = (head.TraceParent, head.TraceState);
        exchange.RequestStart = now;
        exchange.SessionId = head.SessionId.Length > 0 ? head.SessionId : SessionOf(head.Target);
        exchange.Session = exchange.SessionId.Length > 0 ? shared.Messages.Session(server, exchange.SessionId) : null;
        _awaited.Enqueue(exchange);
        return exchange;
    }

    /// <summary>The exchange that a response belongs to, or none when its request was not seen.</summary>
    public Exchange? Response(HttpHead head, IpEndpoint server, long now)
    {
        if (!_awaited.TryDequeue(out Exchange? exchange))
        {
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
        while (_awaited.Count > keep)
        {
            Exchange exchange = _awaited.Dequeue();
            NoteGap(exchange);
            Conclude(exchange, closed: true, clientEndedFirst: false, now);
        }
    }

    public static void NoteGap(Exchange exchange)
    {
        foreach (CallRecord call in exchange.Calls)
        {
            call.NoteMissing(CallCompleteness.Gap);
        }
    }

    /// <summary>The connection is gone, or lost, in the middle of this exchange.</summary>
    public void Close(Exchange? exchange, bool clientEndedFirst, long now)
    {
        if (exchange is not null)
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
            call.TimeToFirstByteNs = exchange.ResponseStart > 0 ? Math.Max(0, exchange.ResponseStart - call.StartUnixNs) : -1;
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

        exchange.Reset();
        _spare.Push(exchange);
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
