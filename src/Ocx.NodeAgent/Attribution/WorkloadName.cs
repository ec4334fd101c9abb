using Ocx.NodeAgent.Cluster;

namespace Ocx.NodeAgent.Attribution;

/// <summary>What a pod belongs to, in kubectl's words.</summary>
internal static class WorkloadName
{
    private const string TemplateHash = "pod-template-hash";

    /// <summary>
    /// <c>deployment/name</c>, <c>statefulset/name</c>, <c>job/name</c>; empty for a pod without a controller. The pod
    /// alone is asked: a Deployment shows in the name that it gives its ReplicaSets, and a CronJob does not show.
    /// </summary>
    public static string Of(PodMetadata pod)
    {
        // A static pod's owner is its node.
        if (pod.OwnerReferences?.FirstOrDefault(each => each.Controller) is not { Kind: not "Node" } owner)
        {
            return string.Empty;
        }
        if (
            owner.Kind == "ReplicaSet"
            && pod.Labels?.GetValueOrDefault(TemplateHash) is { Length: > 0 } hash
            && owner.Name.EndsWith("-" + hash, StringComparison.Ordinal)
        )
        {
            return $"deployment/{owner.Name[..^(hash.Length + 1)]}";
        }
        return $"{owner.Kind.ToLowerInvariant()}/{owner.Name}";
    }
}
