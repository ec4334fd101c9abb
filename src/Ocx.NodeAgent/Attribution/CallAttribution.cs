using Ocx.Mcp.Calls;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Calls;

namespace Ocx.NodeAgent.Attribution;

/// <summary>Writes into each call who is at its two ends. It is the first of the observers, so that the others read it.</summary>
/// <param name="pods">The node's pods.</param>
/// <param name="node">The node's name.</param>
internal sealed class CallAttribution(PodTable pods, string node) : ICallObserver
{
    /// <inheritdoc/>
    public void OnCall(CallRecord call)
    {
        // When the request passed, both ends held their addresses; by its end, which may be that it was given up, they may not.
        call.ClientIdentity = Identify(call.Client, call.StartUnixNs, isServer: false);
        call.ServerIdentity = Identify(call.Server, call.StartUnixNs, isServer: true);
    }

    private PeerIdentity? Identify(IpEndpoint end, long at, bool isServer) =>
        pods.HolderOf(end, at)?.Identify(node, container: null, isServer ? end.Port : null);
}
