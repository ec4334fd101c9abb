using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>What a task is found by.</summary>
/// <param name="Scope">The session, or the connection as one, that it belongs to; 0 without one.</param>
/// <param name="Server">Without a session, whose task it is; none for any.</param>
/// <param name="Client">Without either, who asks; else none.</param>
/// <param name="Id">The id that the server gave it.</param>
internal readonly record struct TaskKey(ulong Scope, IpEndpoint Server, ClientAddress Client, JsonRpcId Id)
{
    /// <summary>The bytes that a task takes, in tables under both of its keys too.</summary>
    public const long Cost = 640;

    /// <summary>The task with this id that a message is about.</summary>
    public static TaskKey Of(in MessagePlace place, JsonRpcId id) =>
        place.Exchange is not { } exchange ? new(place.Connection.Scope, default, default, id)
        : exchange.Session is { } session ? new(session.Scope, default, default, id)
        : new(0, place.Server, default, id);

    /// <summary>The same id of any server that the client asks: its address may differ, or the session.</summary>
    public static TaskKey OfAnyServer(in MessagePlace place, JsonRpcId id) =>
        new(0, default, ClientAddress.Of(place.Ends, place.ClientSide), id);
}
