using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>Where a message was seen: its connection's ends, its HTTP exchange if it has one, and its times.</summary>
internal readonly record struct MessagePlace(
    ConnectionEnds Ends,
    int ClientSide,
    bool FromServer,
    Exchange? Exchange,
    McpSession Connection,
    ulong ScopeOfEnds,
    long FirstByte,
    long Now
)
{
    /// <summary>
    /// The server by the name that its connection was first seen under, which stays when another is learned.
    /// </summary>
    public IpEndpoint Server => ClientSide == 0 ? Ends.Key.High : Ends.Key.Low;
}

/// <summary>What there is of a message's text.</summary>
/// <param name="Completeness">What is missing of it.</param>
/// <param name="Length">Its bytes, those that are not kept among them.</param>
/// <param name="Rest">What read on in a text that is longer than what is kept of it; else null.</param>
/// <param name="IsMeant">It was meant as JSON, so that a text that is none is a fault.</param>
internal readonly record struct MessageExtent(
    CallCompleteness Completeness,
    long Length,
    LongMessage? Rest = null,
    bool IsMeant = true
);
