using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;

namespace Ocx.Mcp.Pairing;

/// <summary>Which open call a message belongs to.</summary>
internal sealed class CallLookup(OpenCalls calls)
{
    /// <summary>The call with this id that the message's sender can speak of; an id of the other kind counts where none is the same.</summary>
    public CallRecord? Find(in MessagePlace place, bool fromServer, JsonRpcId id) =>
        !id.IsValue ? null : FindExactly(place, fromServer, id) ?? FindExactly(place, fromServer, id.AsOtherKind);

    /// <summary>Where a call's id is the only one; 0 for its exchange alone.</summary>
    public static ulong ScopeOf(in MessagePlace place, bool fromServer) =>
        place.Exchange is not { } exchange ? place.Connection.Scope
        : exchange.Session is { } session ? session.Scope
        : fromServer ? place.FallbackScope : 0; // a server's request is answered on another connection: its ends are all there is to go by

    /// <summary>True where the answer belongs to the only call of its response, unless it says by its id that it is another's.</summary>
    public static bool IsAnswerOfTheOnly(CallRecord only, in JsonRpcMessage message, Exchange exchange) =>
        (message.Truncated && !message.Id.IsValue) || !only.Id.IsValue
        || (exchange.Status < 300 && (message.Id.Kind == JsonRpcIdKind.Null || IsErrorWithoutId(message)));

    /// <summary>True for an error that cannot name what it refuses, and so refuses all of a batch (JSON-RPC 2.0, 6).</summary>
    public static bool RefusesAll(in JsonRpcMessage message, Exchange exchange) =>
        message.Kind == JsonRpcKind.Error && !message.Id.IsValue && exchange is { Calls.Count: > 1, IsEventStream: false, Status: < 300 };

    private static bool IsErrorWithoutId(in JsonRpcMessage message) =>
        message.Id.Kind == JsonRpcIdKind.None && message.Kind == JsonRpcKind.Error;

    private CallRecord? FindExactly(in MessagePlace place, bool fromServer, JsonRpcId id)
    {
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
}
