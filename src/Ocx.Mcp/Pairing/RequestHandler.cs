using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;
using Ocx.Mcp.Redaction;
using Ocx.Mcp.Tracing;

namespace Ocx.Mcp.Pairing;

/// <summary>Opens a call for each request.</summary>
internal sealed class RequestHandler(
    Redactor redactor,
    Payloads payloads,
    HeaderCheck headers,
    ToolInventory inventory,
    Handshakes handshakes,
    TaskFollower tasks,
    OpenCalls calls
)
{
    /// <summary>A request was read, whole or as far as its text goes.</summary>
    public void Open(
        ReadOnlySpan<byte> json,
        in JsonRpcMessage message,
        CallCompleteness completeness,
        in MessagePlace place
    )
    {
        McpSession known = place.Exchange?.Session ?? place.Connection;
        OpenCall call = calls.Open(place.FirstByte);
        (call.Ends, call.ClientSide, call.FromServer) = (place.Ends, place.ClientSide, place.FromServer);
        (call.Id, call.ProgressToken) = (message.Id, message.ProgressToken);
        call.Method = redactor.Redact(message.Method);
        call.Name = redactor.Redact(message.Name);
        call.Session = handshakes.ShownId(known);
        call.RequestBytes = message.Length;
        call.ProtocolVersion = redactor.Redact(
            First(place.Exchange?.ProtocolVersion, message.ProtocolVersion, known.ProtocolVersion)
        );
        call.ClientInfo = message.Client.Name.Length > 0 ? handshakes.Clean(message.Client) : known.Client;
        call.ServerInfo = Handshakes.ServerOf(known, place);
        Trace(call, message.TraceParent, message.TraceState, place.Exchange);
        call.NoteMissing(completeness);
        payloads.TakeArguments(call, json, message, completeness);
        if (message.AsksForTask || message.Task.Key.IsValue)
        {
            tasks.Ask(call, message, place);
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
        OpenCall call = calls.Open(place.FirstByte);
        (call.Ends, call.ClientSide) = (place.Ends, place.ClientSide);
        (call.Method, call.Name) = (redactor.Redact(exchange.McpMethod), redactor.Redact(exchange.McpName));
        (call.ProtocolVersion, call.Session) = (
            redactor.Redact(First(exchange.ProtocolVersion, known.ProtocolVersion)),
            handshakes.ShownId(known)
        );
        (call.ClientInfo, call.ServerInfo) = (known.Client, Handshakes.ServerOf(known, place));
        Trace(call, default, string.Empty, exchange);
        call.NoteMissing(completeness);
        Join(call, exchange);
        calls.Opened(call); // before it may have to make room for others
        calls.TryCharge(call, place.Now);
    }

    private void Join(OpenCall call, Exchange exchange)
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
    private void Trace(OpenCall call, in TraceParent parent, string state, Exchange? carrier)
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

    private static string First(string? a, string? b, string? c = null) =>
        a is { Length: > 0 } ? a
        : b is { Length: > 0 } ? b
        : c ?? string.Empty;
}
