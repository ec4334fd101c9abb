using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;
using Ocx.Mcp.Redaction;
using Ocx.Mcp.Tcp;
using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.Pairing;

/// <summary>Where a message was seen: its connection's ends, its HTTP exchange if it has one, and its times.</summary>
internal readonly record struct MessagePlace(
    ConnectionEnds Ends, int ClientSide, bool FromServer, Exchange? Exchange, McpSession Connection, ulong FallbackScope, long FirstByte, long Now);

/// <summary>Opens, advances and finishes calls as JSON-RPC messages pass.</summary>
internal sealed class MessageHandler(
    McpOptions options, JsonRpcParser parser, Redactor redactor, SessionTable sessions, OpenCalls calls, McpCounters counters)
{
    private const int MaxBatch = 1000;
    private readonly ToolHasher? _tools = options.HashTools ? new() : null;

    /// <summary>Takes one JSON text: a message or, in 2025-03-26, a batch.</summary>
    public void Take(ReadOnlySpan<byte> json, CallCompleteness completeness, in MessagePlace place)
    {
        // Not at its end: that is far off in memory, and the parser comes by there.
        if (json is not [(byte)'{', ..])
        {
            json = json.TrimStart(" \t\r\n"u8);
        }

        if (json is not [(byte)'[', ..])
        {
            TakeOne(json, completeness, place);
            return;
        }

        int taken = 0;
        foreach (Range element in new JsonElements(json))
        {
            if (++taken > MaxBatch)
            {
                counters.Oversize++;
                break;
            }

            TakeOne(json[element], CallCompleteness.Complete, place);
        }
    }

    private void TakeOne(ReadOnlySpan<byte> json, CallCompleteness completeness, in MessagePlace place)
    {
        if (json.IsEmpty)
        {
            return;
        }

        switch (parser.Parse(json, completeness != CallCompleteness.Complete, out JsonRpcMessage message))
        {
            case JsonRpcParse.TooDeep:
                counters.TooDeepJson++;
                return;
            case JsonRpcParse.Malformed:
                counters.MalformedJson++;
                return;
            case JsonRpcParse.Other:
                return;
        }

        counters.Messages++;
        switch (message.Kind)
        {
            case JsonRpcKind.Request:
                Open(json, message, completeness, place);
                break;
            case JsonRpcKind.Notification:
                counters.Notifications++;
                Notify(message, place);
                break;
            default:
                Answer(json, message, completeness, place);
                break;
        }
    }

    private void Open(ReadOnlySpan<byte> json, in JsonRpcMessage message, CallCompleteness completeness, in MessagePlace place)
    {
        McpSession known = place.Exchange?.Session ?? place.Connection;
        CallRecord call = calls.Open(place.FirstByte);
        (call.Ends, call.ClientSide, call.FromServer) = (place.Ends, place.ClientSide, place.FromServer);
        (call.Id, call.ProgressToken) = (message.Id, message.ProgressToken);
        call.Method = message.Method;
        call.Name = redactor.Redact(message.Name);
        call.Session = ShownId(known);
        call.RequestBytes = message.Length;
        call.ProtocolVersion = First(place.Exchange?.ProtocolVersion, message.ProtocolVersion, known.ProtocolVersion);
        call.ClientInfo = message.Client.Name.Length > 0 ? Clean(message.Client) : known.Client;
        call.ServerInfo = known.Server.Name.Length > 0 ? known.Server : place.Connection.Server;
        Trace(call, message.TraceParent, message.TraceState, place.Exchange);
        call.Touch(completeness);
        if (options.Payload == PayloadMode.Full && !message.Arguments.Equals(default))
        {
            call.ArgumentsCut = !redactor.Append(json[message.Arguments], call.ArgumentsBuffer);
            call.CredentialInArguments = redactor.MaskedCredential;
        }

        if (_tools is not null && message.Method == ToolHasher.Method)
        {
            call.IsLaterPage = ToolHasher.IsLaterPage(json[message.Arguments]);
        }

        if (!place.FromServer && place.Exchange is { } exchange)
        {
            call.HeaderMismatch = Disagrees(exchange, message);
            Join(call, exchange);
        }

        calls.Index(call, ScopeOf(place, call.FromServer));
        calls.Opened(call);
    }

    /// <summary>A request whose body was not captured: the 2026-07-28 headers name method and tool.</summary>
    public void OpenFromHeaders(in MessagePlace place, CallCompleteness completeness)
    {
        Exchange exchange = place.Exchange!;
        McpSession known = exchange.Session ?? place.Connection;
        CallRecord call = calls.Open(place.FirstByte);
        (call.Ends, call.ClientSide) = (place.Ends, place.ClientSide);
        (call.Method, call.Name) = (exchange.McpMethod, redactor.Redact(exchange.McpName));
        (call.ProtocolVersion, call.Session) = (First(exchange.ProtocolVersion, known.ProtocolVersion), ShownId(known));
        (call.ClientInfo, call.ServerInfo) = (known.Client, known.Server.Name.Length > 0 ? known.Server : place.Connection.Server);
        Trace(call, default, string.Empty, exchange);
        call.Touch(completeness);
        Join(call, exchange);
        calls.Opened(call);
    }

    private static void Join(CallRecord call, Exchange exchange)
    {
        (call.HasCredential, call.ForeignOrigin) = (exchange.HasCredential, exchange.ForeignOrigin);
        call.Exchange = exchange;
        exchange.Calls.Add(call);
    }

    // The message's own context is nearer to the call than that of the request that carries it; an answer's request carries none of the server's.
    private void Trace(CallRecord call, TraceParent parent, string state, Exchange? carrier)
    {
        if (!parent.IsValue && !call.FromServer && carrier is not null)
        {
            (parent, state) = (carrier.TraceParent, carrier.TraceState);
        }

        if (parent.IsValue)
        {
            (call.TraceParent, call.TraceState) = (parent, redactor.Redact(state));
        }
    }

    private void Notify(in JsonRpcMessage message, in MessagePlace place)
    {
        bool cancels = message.Method == "notifications/cancelled", progresses = message.Method == "notifications/progress";
        if (cancels && Find(place, place.FromServer, message.CancelledId) is { } cancelled)
        {
            calls.Finish(cancelled, CallStatus.Cancelled, place.Now);
        }
        else if (progresses && place.Exchange is { } exchange)
        {
            foreach (CallRecord call in exchange.Calls)
            {
                call.Progress += call.ProgressToken.IsValue && call.ProgressToken == message.ProgressToken ? 1 : 0;
            }
        }
    }

    private void Answer(ReadOnlySpan<byte> json, in JsonRpcMessage message, CallCompleteness completeness, in MessagePlace place)
    {
        CallRecord? call = Find(place, !place.FromServer, message.Id);
        if (call is null && place is { FromServer: true, Exchange: { Calls: [var only] } alone }
            && (message.Truncated || !only.Id.IsValue || (alone.Status < 300 && message.Id.Kind == JsonRpcIdKind.Null)))
        {
            call = only;
        }

        if (call is null)
        {
            counters.Orphans++;
            return;
        }

        Learn(message, call, place);
        call.ResponseBytes = message.Length;
        call.TimeToFirstByteNs = Math.Max(0, FirstByteOfAnswer(place, call) - call.StartUnixNs);
        call.HttpStatus = place is { FromServer: true, Exchange: { } } ? place.Exchange.Status : 0;
        call.ErrorCode = message.ErrorCode;
        call.Touch(completeness);
        if (options.Payload == PayloadMode.Full && !message.Outcome.Equals(default))
        {
            call.ResultCut = !redactor.Append(json[message.Outcome], call.ResultBuffer);
        }

        if (_tools is not null && call.Method == ToolHasher.Method && call.Completeness == CallCompleteness.Complete && !message.Truncated
            && message.Kind == JsonRpcKind.Result)
        {
            call.Tools = _tools.Read(json[message.Outcome], call.IsLaterPage);
        }

        CallStatus status = message.Kind == JsonRpcKind.Error ? CallStatus.RpcError : message.IsToolError ? CallStatus.ToolError : CallStatus.Ok;
        calls.Finish(call, status, place.Now);
    }

    // The handshake's answer fixes the version and names the server; the session header came with the same response.
    private void Learn(in JsonRpcMessage message, CallRecord call, in MessagePlace place)
    {
        if (message.Server.Name.Length > 0)
        {
            // A stateless server says who it is with each result, but not with an error.
            call.ServerInfo = place.Connection.Server = Clean(message.Server);
        }

        if (call.Method == "initialize" && message.Kind == JsonRpcKind.Result)
        {
            call.ProtocolVersion = First(message.ProtocolVersion, call.ProtocolVersion);
            McpSession session = place.Exchange?.Session ?? place.Connection;
            call.Session = ShownId(session);
            (session.Client, session.Server, session.ProtocolVersion) = (call.ClientInfo, call.ServerInfo, call.ProtocolVersion);
        }
    }

    private CallRecord? Find(in MessagePlace place, bool fromServer, JsonRpcId id)
    {
        if (!id.IsValue)
        {
            return null;
        }

        if (!fromServer && place.Exchange is { } exchange)
        {
            foreach (CallRecord call in exchange.Calls)
            {
                if (call.Id == id)
                {
                    return call;
                }
            }
        }

        return calls.Find(ScopeOf(place, fromServer), fromServer, id);
    }

    // A request of the server is answered on another connection, so without a session its ends are all there is to go by.
    private static ulong ScopeOf(in MessagePlace place, bool fromServer) =>
        place.Exchange is not { } exchange ? place.Connection.Scope
        : exchange.Session is { } session ? session.Scope
        : fromServer ? place.FallbackScope : 0;

    private static long FirstByteOfAnswer(in MessagePlace place, CallRecord call) =>
        place.Exchange is { } exchange && call.Exchange == exchange ? exchange.ResponseStart : place.FirstByte;

    private static bool Disagrees(Exchange exchange, in JsonRpcMessage message) =>
        (exchange.McpMethod.Length > 0 && exchange.McpMethod != message.Method)
        || (exchange.McpName.Length > 0 && !message.Truncated && exchange.McpName != message.Name)
        || (exchange.McpMethod.Length > 0 && message.ProtocolVersion.Length > 0 && exchange.ProtocolVersion.Length > 0
            && message.Method != "initialize" && exchange.ProtocolVersion != message.ProtocolVersion);

    private string ShownId(McpSession session) => session.ShownId ??= redactor.Redact(session.Id);

    private (string Name, string Version) Clean((string Name, string Version) info) => (redactor.Redact(info.Name), redactor.Redact(info.Version));

    private static string First(string? a, string? b, string? c = null) =>
        a is { Length: > 0 } ? a : b is { Length: > 0 } ? b : c ?? string.Empty;

    /// <summary>A session's id from its header, or from the message endpoint of the 2024-11-05 transport.</summary>
    public McpSession Session(IpEndpoint server, string id) => sessions.FindOrAdd(server, id);
}
