using System.Globalization;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;
using Ocx.Mcp.Redaction;
using Ocx.Mcp.Tcp;
using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.Pairing;

/// <summary>Opens, advances and finishes calls as JSON-RPC messages pass.</summary>
internal sealed class MessageHandler(
    McpOptions options,
    JsonRpcParser parser,
    Redactor redactor,
    Payloads payloads,
    HeaderCheck headers,
    ToolInventory inventory,
    SessionTable sessions,
    OpenCalls calls,
    McpCounters counters,
    MemoryBudget memory
)
{
    private const int MaxBatch = 1000;
    private readonly CallLookup _lookup = new(calls);
    private readonly TaskFollower _tasks = new(calls, payloads, redactor);
    private readonly ToolReader _tools = new(redactor, options.HashTools);

    /// <summary>Takes one JSON text: a message or, in 2025-03-26, a batch.</summary>
    public void Take(ReadOnlySpan<byte> json, in MessageExtent extent, in MessagePlace place)
    {
        json = Trimmed(json);
        if (json is not [(byte)'[', ..])
        {
            TakeOne(json, extent, place, inBatch: false);
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

            int length = element.End.Value - element.Start.Value;
            TakeOne(json[element], new(CallCompleteness.Complete, length), place, inBatch: true);
        }
    }

    /// <summary>The request is whole: takes the answers that came before its end.</summary>
    public void TakeEarly(Exchange exchange)
    {
        if (exchange.Early is { } early)
        {
            exchange.Early = null;
            early.Replay(Take);
        }
    }

    // Not at its end: that is far off in memory, and the parser comes by there. Some writers begin with a byte order
    // mark.
    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> json)
    {
        if (json is [(byte)'{', ..])
        {
            return json;
        }

        json = json.StartsWith("\uFEFF"u8) ? json["\uFEFF"u8.Length..] : json;
        return json.TrimStart(" \t\r\n"u8);
    }

    private void TakeOne(ReadOnlySpan<byte> json, in MessageExtent extent, in MessagePlace place, bool inBatch)
    {
        if (json.IsEmpty && extent.Rest is null)
        {
            return;
        }

        counters.ParsedBytes += json.Length;
        JsonRpcParse parsed = parser.Parse(
            json,
            extent.Completeness != CallCompleteness.Complete,
            out JsonRpcMessage message
        );
        if (extent.Rest is { } rest && parsed is JsonRpcParse.Message or JsonRpcParse.Other)
        {
            rest.Complete(ref message);
            message.Truncated = true;
            parsed = message.Kind == JsonRpcKind.None ? JsonRpcParse.Other : JsonRpcParse.Message;
        }

        switch (parsed)
        {
            case JsonRpcParse.TooDeep:
                counters.TooDeepJson++;
                return;
            case JsonRpcParse.Malformed:
                counters.MalformedJson += extent.IsMeant ? 1 : 0;
                return;
            case JsonRpcParse.Other:
                return;
        }

        counters.Messages++;
        message.Length = message.Truncated ? Math.Max(extent.Length, message.Length) : message.Length;
        switch (message.Kind)
        {
            case JsonRpcKind.Request:
                Open(json, message, extent.Completeness, place);
                break;
            case JsonRpcKind.Notification:
                counters.Notifications++;
                Notify(json, message, place);
                break;
            default:
                Answer(json, message, extent, place, inBatch);
                break;
        }
    }

    private void Open(
        ReadOnlySpan<byte> json,
        in JsonRpcMessage message,
        CallCompleteness completeness,
        in MessagePlace place
    )
    {
        McpSession known = place.Exchange?.Session ?? place.Connection;
        CallRecord call = calls.Open(place.FirstByte);
        (call.Ends, call.ClientSide, call.FromServer) = (place.Ends, place.ClientSide, place.FromServer);
        (call.Id, call.ProgressToken) = (message.Id, message.ProgressToken);
        call.Method = redactor.Redact(message.Method);
        call.Name = redactor.Redact(message.Name);
        call.Session = ShownId(known);
        call.RequestBytes = message.Length;
        call.ProtocolVersion = redactor.Redact(
            First(place.Exchange?.ProtocolVersion, message.ProtocolVersion, known.ProtocolVersion)
        );
        call.ClientInfo = message.Client.Name.Length > 0 ? Clean(message.Client) : known.Client;
        call.ServerInfo = NamedServer(known, place);
        Trace(call, message.TraceParent, message.TraceState, place.Exchange);
        call.NoteMissing(completeness);
        payloads.TakeArguments(call, json, message);
        if (message.AsksForTask || message.Task.Key.IsValue)
        {
            _tasks.Ask(call, message, place);
        }

        (call.ClientExtensions, call.Continues) = (redactor.Redact(message.Extensions), message.RequestState);
        call.Deprecated = DeprecatedFeatures.Of(message, place);
        ToolTraits? tool = null;
        if (message.Method == ToolReader.Method)
        {
            call.IsLaterPage = ToolReader.IsLaterPage(json[message.Arguments]);
        }
        else if (
            !inventory.IsEmpty
            && message.Method == "tools/call"
            && inventory.Find(place.Server, message.Name) is { } listed
        )
        {
            (tool, call.Annotations) = (listed, listed.Annotations);
        }

        if (!place.FromServer && place.Exchange is { } exchange)
        {
            call.HeaderMismatch = headers.Disagree(exchange, message, json, tool);
            Join(call, exchange);
        }

        calls.Index(
            call,
            CallLookup.ScopeOf(place, call.FromServer),
            place.Exchange is { } carrier ? carrier.Session : place.Connection
        );
        if (!place.FromServer && place.Exchange is { } carried && CallLookup.NeedsEnds(call, carried))
        {
            calls.IndexByEnds(call, place.ScopeOfEnds);
        }

        calls.Opened(call); // before it may have to make room for others
        calls.TryCharge(call, place.Now);
    }

    /// <summary>A request whose body was not captured: the 2026-07-28 headers name method and tool.</summary>
    public void OpenFromHeaders(in MessagePlace place, CallCompleteness completeness)
    {
        Exchange exchange = place.Exchange!;
        McpSession known = exchange.Session ?? place.Connection;
        CallRecord call = calls.Open(place.FirstByte);
        (call.Ends, call.ClientSide) = (place.Ends, place.ClientSide);
        (call.Method, call.Name) = (redactor.Redact(exchange.McpMethod), redactor.Redact(exchange.McpName));
        (call.ProtocolVersion, call.Session) = (
            redactor.Redact(First(exchange.ProtocolVersion, known.ProtocolVersion)),
            ShownId(known)
        );
        (call.ClientInfo, call.ServerInfo) = (known.Client, NamedServer(known, place));
        Trace(call, default, string.Empty, exchange);
        call.NoteMissing(completeness);
        Join(call, exchange);
        calls.Opened(call); // before it may have to make room for others
        calls.TryCharge(call, place.Now);
    }

    private void Join(CallRecord call, Exchange exchange)
    {
        call.HasCredential = exchange.HasCredential;
        call.ForeignOrigin = (
            redactor.Redact(exchange.ForeignOrigin.Origin),
            redactor.Redact(exchange.ForeignOrigin.Host)
        );
        call.Exchange = exchange;
        exchange.Calls.Add(call);
    }

    // The message's own context is nearer to the call than that of the request that carries it; an answer's request
    // carries none of the server's.
    private void Trace(CallRecord call, in TraceParent parent, string state, Exchange? carrier)
    {
        if (parent.IsValue)
        {
            (call.TraceParent, call.TraceState) = (parent, redactor.Redact(state));
        }
        else if (!call.FromServer && carrier is { TraceParent.IsValue: true })
        {
            (call.TraceParent, call.TraceState) = (carrier.TraceParent, redactor.Redact(carrier.TraceState));
        }
    }

    private void Notify(ReadOnlySpan<byte> json, in JsonRpcMessage message, in MessagePlace place)
    {
        bool cancels = message.Method == "notifications/cancelled",
            progresses = message.Method == "notifications/progress";
        if (cancels && _lookup.Find(place, place.FromServer, message.CancelledId) is { } cancelled)
        {
            calls.Finish(cancelled, CallStatus.Cancelled, place.Now);
        }
        else if (
            cancels
            && place is { FromServer: false, Exchange.Session: null }
            && _lookup.FindByEnds(place, message.CancelledId) is { Scope: 0 } likely
        )
        {
            likely.CancelAsked = true; // its own stream tells whether it is over
        }
        else if (progresses && _lookup.FindByProgress(place, message.ProgressToken) is { } call)
        {
            call.Progress++;
        }
        else if (message.Method == DeprecatedFeatures.LogNotification && place.Exchange is { Calls: [var logged, ..] })
        {
            logged.Deprecated |= McpDeprecated.Logging;
        }
        else if (TaskFollower.IsNotification(message.Method))
        {
            _tasks.Notify(json, message, place);
        }
    }

    private void Answer(
        ReadOnlySpan<byte> json,
        in JsonRpcMessage message,
        in MessageExtent extent,
        in MessagePlace place,
        bool inBatch
    )
    {
        if (_lookup.Find(place, !place.FromServer, message.Id) is { } found)
        {
            Finish(found, json, message, extent.Completeness, place);
            return;
        }

        if (place is { FromServer: true, Exchange: { } exchange })
        {
            if (
                (exchange.IsJoined || exchange.Resumes)
                && _lookup.FindAnsweredElsewhere(place, message.Id) is { } awaited
            )
            {
                Finish(awaited, json, message, extent.Completeness, place);
                return;
            }

            if (exchange.Calls is [var only] && CallLookup.IsAnswerOfTheOnly(only, message, exchange))
            {
                Finish(only, json, message, extent.Completeness, place);
                return;
            }

            if (CallLookup.SaysWhyHttpFailed(message, exchange))
            {
                foreach (CallRecord refused in exchange.Calls)
                {
                    refused.ErrorCode = message.ErrorCode;
                }

                payloads.TakeResult(exchange.Calls[0], json, message, message.Outcome);
                return;
            }

            if (!inBatch && CallLookup.RefusesAll(message, exchange))
            {
                for (int i = exchange.Calls.Count - 1; i >= 0; i--)
                {
                    Finish(exchange.Calls[i], json, message, extent.Completeness, place);
                }

                return;
            }

            if (exchange is { RequestDone: false } && Hold(exchange, json, extent, place))
            {
                return;
            }
        }

        counters.Orphans++;
    }

    // A server may answer before it has read the request to its end.
    private bool Hold(Exchange exchange, ReadOnlySpan<byte> json, in MessageExtent extent, in MessagePlace place)
    {
        exchange.Early ??= new EarlyAnswers(memory, options.MaxMessageBytes);
        return exchange.Early.TryHold(json, extent, place);
    }

    private void Finish(
        CallRecord call,
        ReadOnlySpan<byte> json,
        in JsonRpcMessage message,
        CallCompleteness completeness,
        in MessagePlace place
    )
    {
        Learn(message, call, place);
        call.ResponseBytes = message.Length;
        call.TimeToFirstByteNs = Math.Max(0, FirstByteOfAnswer(place, call) - call.StartNs);
        call.HttpStatus = place is { FromServer: true, Exchange: { } } ? place.Exchange.Status : 0;
        call.ErrorCode = message.ErrorCode;
        call.NoteMissing(completeness);
        call.ServerExtensions = redactor.Redact(message.Extensions);
        (call.TtlMs, call.CacheScope) = (message.TtlMs, message.CacheScope);
        call.ContinuedBy = message.ResultType == McpResultType.InputRequired ? message.RequestState : 0;
        call.Deprecated |= message.Deprecated;
        if (call.Task is not null)
        {
            _tasks.Answer(call, json, message, place);
        }

        if (message.Task.Key.IsValue && _tasks.TryBegin(call, message, place))
        {
            return;
        }

        payloads.TakeResult(call, json, message, message.Outcome);
        if (
            call.Method == ToolReader.Method
            && call is { FromServer: false, Completeness: CallCompleteness.Complete }
            && !message.Truncated
            && message.Kind == JsonRpcKind.Result
        )
        {
            TakeTools(call, json[message.Outcome], place);
        }

        CallStatus status =
            message.Kind == JsonRpcKind.Error ? CallStatus.RpcError
            : message.ResultType == McpResultType.InputRequired ? CallStatus.InputRequired
            : call.TaskStatus == McpTaskStatus.Cancelled && !TaskFollower.IsAbout(call.Method) ? CallStatus.Cancelled
            : message.IsToolError ? CallStatus.ToolError
            : CallStatus.Ok;
        calls.Finish(call, status, place.Now);
    }

    private void TakeTools(CallRecord call, ReadOnlySpan<byte> result, in MessagePlace place)
    {
        if (_tools.Read(result, call.IsLaterPage, out List<ToolTraits> traits) is { } tools)
        {
            inventory.Learn(place.Server, traits, tools.IsComplete);
            call.Tools = options.HashTools ? tools : null;
        }
    }

    // The handshake's answer fixes the version and names the server; the session header came with the same response.
    private void Learn(in JsonRpcMessage message, CallRecord call, in MessagePlace place)
    {
        if (message.Server.Name.Length > 0)
        {
            // A stateless server says who it is with each result, but not with an error.
            call.ServerInfo = place.Connection.Server = Clean(message.Server);
            place.Connection.ServerHost = place.Exchange?.Host ?? string.Empty;
            place.Connection.ServerTarget = place.Exchange?.Target ?? string.Empty;
            sessions.Charge(place.Connection);
        }

        if (call.Method == "initialize" && message.Kind == JsonRpcKind.Result)
        {
            call.ProtocolVersion = First(redactor.Redact(message.ProtocolVersion), call.ProtocolVersion);
            McpSession session = place.Exchange?.Session ?? place.Connection;
            call.Session = ShownId(session);
            session.Server = call.ServerInfo;
            if (place.Exchange is not { Session: null })
            {
                // Without a session a proxy may send the requests of many clients on one connection: who asked there
                // before tells nothing.
                (session.Client, session.ProtocolVersion) = (call.ClientInfo, call.ProtocolVersion);
            }

            sessions.Charge(session);
        }
    }

    private static long FirstByteOfAnswer(in MessagePlace place, CallRecord call) =>
        place.Exchange is { } exchange && call.Exchange == exchange ? exchange.ResponseStart : place.FirstByte;

    private static (string Name, string Version) NamedServer(McpSession known, in MessagePlace place) =>
        known != place.Connection && known.Server.Name.Length > 0 ? known.Server
        : place.Connection.HasServerOf(place.Exchange) ? place.Connection.Server
        : (string.Empty, string.Empty);

    private string ShownId(McpSession session) => session.ShownId ??= redactor.Redact(session.Id);

    private (string Name, string Version) Clean((string Name, string Version) info) =>
        (redactor.Redact(info.Name), redactor.Redact(info.Version));

    private static string First(string? a, string? b, string? c = null) =>
        a is { Length: > 0 } ? a
        : b is { Length: > 0 } ? b
        : c ?? string.Empty;

    /// <summary>A session's id from its header, or from the message endpoint of the 2024-11-05 transport.</summary>
    public McpSession Session(IpEndpoint server, string id) => sessions.FindOrAdd(server, id);

    /// <summary>
    /// A session of its own for a stream of the 2024-11-05 transport: whatever its endpoint is, no other stream shares
    /// it.
    /// </summary>
    public McpSession SessionOfStream(IpEndpoint server, EndpointUrl endpoint)
    {
        McpSession session = sessions.FindOrAdd(
            server,
            string.Create(CultureInfo.InvariantCulture, $"{endpoint.Target}\n{sessions.NextScope()}")
        );
        session.ShownId = redactor.Redact(endpoint.Shown);
        return session;
    }
}
