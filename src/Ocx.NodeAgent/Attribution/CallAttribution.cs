using Ocx.Mcp.Calls;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Calls;

namespace Ocx.NodeAgent.Attribution;

/// <summary>Writes into each call who is at its two ends. It is the first of the observers, so that the others read it.</summary>
/// <param name="node">The node's name; empty outside of a cluster.</param>
/// <param name="pods">The node's pods; null where they are not known.</param>
/// <param name="owners">The processes at the ends of connections; null where they are not looked up.</param>
internal sealed class CallAttribution(string node, PodTable? pods, ConnectionOwners? owners) : ICallObserver
{
    /// <inheritdoc/>
    public void OnCall(CallRecord call)
    {
        // When the request passed, both ends held their addresses; by its end, which may be that it was given up, they may not.
        call.ClientIdentity = Identify(call.Client, call.Server, call.StartUnixNs, isServer: false);
        call.ServerIdentity = Identify(call.Server, call.Client, call.StartUnixNs, isServer: true);
    }

    private PeerIdentity? Identify(IpEndpoint end, IpEndpoint other, long at, bool isServer)
    {
        OwnerProcess? process = owners?.At(end, other, at);
        ContainerCgroup? container = process?.Container;

        // Where the process runs is certain; whose the address is follows from what the cluster told.
        NodePod? pod = container is { } inside ? pods?.Find(inside.PodUid) : pods?.HolderOf(end, at);
        PeerIdentity? identity = pod?.Identify(node, container is { } known ? pod.ContainerOf(known.ContainerId) : null, isServer ? end.Port : null);
        return process is null
            ? identity
            : (identity ?? new PeerIdentity { Node = node }) with { Pid = process.Pid, Comm = process.Comm };
    }
}
