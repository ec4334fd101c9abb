using System.Net;
using Ocx.Audit.Intents;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Pods;

namespace Ocx.Auditor.Deciding;

/// <summary>Finds the pods that a call is for, as the API server knows them.</summary>
/// <param name="addresses">The pods of the cluster by their addresses.</param>
/// <param name="pods">The same by their nodes.</param>
/// <param name="metrics">Counts what is not found.</param>
internal sealed class CalledServers(PodLookup addresses, PodIndex pods, AuditorMetrics metrics)
{
    /// <summary>
    /// The pods of the agent's node at the server's address. A call between two nodes is told by the agents of both,
    /// and is judged as the server's agent tells it.
    /// </summary>
    public async ValueTask<IReadOnlyList<ServerPod>> OfAgentAsync(Intent intent, string node)
    {
        IPEndPoint? end = PodIndex.EndOf(intent.Server.Address);
        IReadOnlyList<ServerPod> known = end is null ? [] : await addresses.AtAsync(end.Address);
        if (known.Count == 0)
        {
            metrics.UnknownServer();
            return [];
        }

        ServerPod[] here = [.. known.Where(pod => pod.Node == node)];
        if (here.Length == 0)
        {
            metrics.OtherNode();
            return [];
        }

        // What another pod of the node listens on is not for its neighbours to have judged.
        ServerPod[] listening = [.. here.Where(pod => pod.Serves(end!.Port))];
        if (listening.Length == 0)
        {
            metrics.UnknownServer();
        }

        return listening;
    }

    /// <summary>
    /// The same of a gate. It stands in the pod and names it, and then the address does not matter: that is the pod's
    /// own loopback where a neighbour within the pod calls.
    /// </summary>
    public async ValueTask<IReadOnlyList<ServerPod>> OfGateAsync(Intent intent, string node)
    {
        Party server = intent.Server;
        ServerPod? named = pods.On(node)
            .FirstOrDefault(pod => pod.Namespace == server.Namespace && pod.Name == server.Pod);
        return named is null ? await OfAgentAsync(intent, node) : [named];
    }

    /// <summary>The call with its server's name: the API server's word counts more than that of who tells.</summary>
    public static Intent Named(Intent intent, IReadOnlyList<ServerPod> servers) =>
        servers is not [var server] || (intent.Server.Namespace == server.Namespace && intent.Server.Pod == server.Name)
            ? intent
            : intent with
            {
                Server = intent.Server with
                {
                    Namespace = server.Namespace,
                    Pod = server.Name,
                    Workload = intent.Server.Pod.Length == 0 ? intent.Server.Workload : string.Empty,
                },
            };
}
