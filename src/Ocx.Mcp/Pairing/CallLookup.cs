using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>Which open call a message belongs to.</summary>
internal sealed class CallLookup(OpenCalls calls)
{
    // A call with a token that is not its id is looked for among so many of its session that began last.
    private const int MostLookedAt = 64;

    /// <summary>
    /// The call with this id that the message's sender can speak of; an id of the other kind counts where none is the
    /// same.
    /// </summary>
    public OpenCall? Find(in MessagePlace place, bool fromServer, JsonRpcId id) =>
        !id.IsValue ? null : FindExactly(place, fromServer, id) ?? FindExactly(place, fromServer, id.AsOtherKind);

    /// <summary>
    /// The client's call that a message on another connection of the same two addresses speaks of, without a session
    /// that would tell: the only one with the id, whether as a number or as a string. Null where there are two, as it
    /// may be another client's behind the same address.
    /// </summary>
    public OpenCall? FindByEnds(in MessagePlace place, JsonRpcId id) =>
        calls.FindByEnds(place.ScopeOfEnds, id) is { } call && IsBetweenEndsOf(call, place) ? call : null;

    /// <summary>
    /// The call that an answer answers on a stream that does not tell whose calls it answers: its beginning was not
    /// seen, it goes on where another stream broke, or it shares the URL of the 2024-11-05 transport with another one.
    /// See <see cref="FindByEnds"/>.
    /// </summary>
    public OpenCall? FindAnsweredElsewhere(in MessagePlace place, JsonRpcId id) =>
        place.Exchange is { } stream
        && (stream.IsJoined || stream.Resumes || stream.Endpoint is not null)
        && FindByEnds(place, id) is { } call
        && MayBeAnsweredOn(call, stream)
            ? call
            : null;

    /// <summary>
    /// The call that a progress notification is about: of its exchange, its session or its connection.
    /// </summary>
    public OpenCall? FindByProgress(in MessagePlace place, JsonRpcId token)
    {
        if (!token.IsValue)
        {
            return null;
        }

        foreach (OpenCall call in place.Exchange?.Calls ?? [])
        {
            if (call.ProgressToken.Means(token))
            {
                return call;
            }
        }

        // Most clients take the id for the token.
        bool fromServer = !place.FromServer;
        OpenCall? likely =
            Find(place, fromServer, token)
            ?? (
                place is { FromServer: true, Exchange.Session: null } ? FindByEnds(place, token)
                : place is { FromServer: true, Exchange.Resumes: true } ? FindAnsweredElsewhere(place, token)
                : null
            );
        return likely is not null && likely.ProgressToken.Means(token) ? likely : FindByToken(place, fromServer, token);
    }

    /// <summary>
    /// Whether a client's call may have to be found by its ends: nothing else is certain to tell where its answer
    /// comes, or what cancels it.
    /// </summary>
    public static bool NeedsEnds(OpenCall call, Exchange exchange) =>
        exchange.Session is { } session
            ? exchange.SessionIsOfTarget && !session.HasStream
            : string.CompareOrdinal(call.ProtocolVersion, McpRevisions.Stateless) < 0;

    /// <summary>Where a call's id is the only one; 0 for its exchange alone.</summary>
    public static ulong ScopeOf(in MessagePlace place, bool fromServer) =>
        place.Exchange is not { } exchange ? place.Connection.Scope
        : exchange.Session is { } session ? session.Scope
        : fromServer ? place.ScopeOfEnds
        : 0; // a server's request is answered on another connection: its ends are all there is to go by

    /// <summary>
    /// True where the answer belongs to the only call of its response, unless it says by its id that it is another's.
    /// </summary>
    public static bool IsAnswerOfTheOnly(OpenCall only, in JsonRpcMessage message, Exchange exchange) =>
        (message.Truncated && !message.Id.IsValue)
        || !only.Id.IsValue
        || (exchange.Status < 300 && !message.Id.IsValue);

    /// <summary>
    /// True for an error that names no call, in a response that refuses those of its exchange by its HTTP status: it
    /// has no id, or one that is no call's (the Python SDK writes <c>"server-error"</c>).
    /// </summary>
    public static bool SaysWhyHttpFailed(in JsonRpcMessage message, Exchange exchange) =>
        message.Kind == JsonRpcKind.Error && exchange is { Calls.Count: > 0, IsEventStream: false, Status: >= 300 };

    /// <summary>
    /// True for an error that cannot name what it refuses, and so refuses all of a batch (JSON-RPC 2.0, 6).
    /// </summary>
    public static bool RefusesAll(in JsonRpcMessage message, Exchange exchange) =>
        message.Kind == JsonRpcKind.Error
        && !message.Id.IsValue
        && exchange is { Calls.Count: > 1, IsEventStream: false, Status: < 300 };

    private OpenCall? FindExactly(in MessagePlace place, bool fromServer, JsonRpcId id)
    {
        if (!fromServer && place.Exchange is { } exchange)
        {
            foreach (OpenCall call in exchange.Calls)
            {
                if (call.Id == id)
                {
                    return call;
                }
            }
        }

        return calls.Find(ScopeOf(place, fromServer), fromServer, id)
            // The server asked on a stream whose beginning, and with it its session, was not seen.
            ?? (fromServer && place.Exchange is { Session: not null } ? calls.Find(place.ScopeOfEnds, true, id) : null);
    }

    // A call's own response may still bring its answer, unless it was accepted, is of a session of the 2024-11-05
    // transport, or is the stream that broke. A stream that names its URL answers calls of no other session.
    private static bool MayBeAnsweredOn(OpenCall call, Exchange stream) =>
        stream.IsJoined || stream.Resumes
            ? call.Exchange is null or { IsAccepted: true }
                || call is { Scope: not 0, Exchange.Status: 0 }
                || (stream.Resumes && call.Exchange.IsEventStream)
            : call is { Scope: 0, Exchange: null or { IsAccepted: true } };

    private static OpenCall? FindByToken(in MessagePlace place, bool fromServer, JsonRpcId token)
    {
        int looked = 0;
        McpSession? owner = place.Exchange is { } exchange ? exchange.Session : place.Connection;
        for (
            LinkedListNode<OpenCall>? at = owner?.Open?.Last;
            at is not null && looked < MostLookedAt;
            at = at.Previous, looked++
        )
        {
            if (at.Value.FromServer == fromServer && at.Value.ProgressToken.Means(token))
            {
                return at.Value;
            }
        }

        return null;
    }

    // By its whole addresses: the number that it is found under is only made from them.
    private static bool IsBetweenEndsOf(OpenCall call, in MessagePlace place) =>
        ClientAddress.Of(call.Ends!, call.ClientSide) == ClientAddress.Of(place.Ends, place.ClientSide)
        && ServerOf(call.Ends!, call.ClientSide) == ServerOf(place.Ends, place.ClientSide);

    private static IpEndpoint ServerOf(ConnectionEnds ends, int clientSide) =>
        clientSide == 0 ? ends.Key.High : ends.Key.Low;
}
