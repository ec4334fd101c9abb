using System.Text.Json.Serialization;
using k8s.Models;
using Ocx.Kube;

namespace Ocx.Auditor.Pods;

/// <summary>A pod as the auditor writes it: its one condition, and nothing else of it.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
public sealed class PodCondition() : PartialObject("v1", "Pod")
{
    /// <summary>The condition's type: the pod's calls are held as the McpAudits of the cluster say.</summary>
    public const string Gated = "ocx.dev/gated";

    /// <summary>The condition.</summary>
    [JsonPropertyName("status")]
    public PodConditions Status { get; set; } = new();

    /// <summary>The condition of a pod.</summary>
    /// <param name="pod">The pod. A later one of its name is not meant.</param>
    /// <param name="condition">Its condition.</param>
    public static PodCondition Of(PodObject pod, V1PodCondition condition)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = pod.Metadata.Name,
                NamespaceProperty = pod.Metadata.NamespaceProperty,
                Uid = pod.Metadata.Uid,
            },
            Status = new PodConditions { Conditions = [condition] },
        };
    }
}

/// <summary>Conditions of a pod.</summary>
public sealed class PodConditions
{
    /// <summary>Those that are meant.</summary>
    [JsonPropertyName("conditions")]
    public IList<V1PodCondition>? Conditions { get; set; }
}
