using System.Text.Json.Serialization;
using k8s.Models;
using Ocx.Kube;

namespace Ocx.Auditor.Pods;

/// <summary>
/// A pod, of which only what tells whose address is whose is read: a cluster has many of them, and each is large.
/// </summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
public sealed class PodObject() : PartialObject("v1", "Pod")
{
    /// <summary>Where it runs.</summary>
    [JsonPropertyName("spec")]
    public PodPlace? Spec { get; set; }

    /// <summary>Whether it runs, and at which addresses.</summary>
    [JsonPropertyName("status")]
    public PodAddresses? Status { get; set; }

    /// <summary>Drops what nobody here reads, such as annotations.</summary>
    public static void Trim(PodObject pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        pod.Metadata = new V1ObjectMeta
        {
            Name = pod.Metadata.Name,
            NamespaceProperty = pod.Metadata.NamespaceProperty,
            Uid = pod.Metadata.Uid,
            ResourceVersion = pod.Metadata.ResourceVersion,
            Labels = pod.Metadata.Labels,
            DeletionTimestamp = pod.Metadata.DeletionTimestamp,
        };
        if (pod.Status is { Conditions: { } conditions } status)
        {
            V1PodCondition? gated = conditions.FirstOrDefault(one => one.Type == PodCondition.Gated);
            status.Conditions = gated is null ? null : [gated];
        }

        if (pod.Spec is { HostNetwork: not true } place)
        {
            place.Containers = null;
        }
    }
}

/// <summary>Where a pod runs.</summary>
public sealed class PodPlace
{
    /// <summary>The node; null until the pod has one.</summary>
    [JsonPropertyName("nodeName")]
    public string? NodeName { get; set; }

    /// <summary>It has the address of its node.</summary>
    [JsonPropertyName("hostNetwork")]
    public bool? HostNetwork { get; set; }

    /// <summary>Its containers, of which the ports are read.</summary>
    [JsonPropertyName("containers")]
    public IList<PodContainer>? Containers { get; set; }

    /// <summary>What has to be true of it, beside its containers, before it is ready.</summary>
    [JsonPropertyName("readinessGates")]
    public IList<V1PodReadinessGate>? ReadinessGates { get; set; }

    /// <summary>Is it not ready before it is gated?</summary>
    [JsonIgnore]
    public bool WaitsForGate => ReadinessGates?.Any(gate => gate.ConditionType == PodCondition.Gated) == true;

    /// <summary>The ports of its node that it declares; null when it has an address of its own.</summary>
    public IReadOnlySet<int>? HostPorts() =>
        HostNetwork == true
            ? (Containers ?? [])
                .SelectMany(container => container.Ports ?? [])
                .Select(port => port.HostPort ?? port.ContainerPort ?? 0)
                .ToHashSet()
            : null;
}

/// <summary>A container's ports.</summary>
public sealed class PodContainer
{
    /// <summary>The ports.</summary>
    [JsonPropertyName("ports")]
    public IList<PodPort>? Ports { get; set; }
}

/// <summary>A port.</summary>
public sealed class PodPort
{
    /// <summary>The port of the node.</summary>
    [JsonPropertyName("hostPort")]
    public int? HostPort { get; set; }

    /// <summary>The container's port.</summary>
    [JsonPropertyName("containerPort")]
    public int? ContainerPort { get; set; }
}

/// <summary>Whether a pod runs, and at which addresses.</summary>
public sealed class PodAddresses
{
    /// <summary><c>Succeeded</c> and <c>Failed</c> are over: their addresses may be another's by now.</summary>
    [JsonPropertyName("phase")]
    public string? Phase { get; set; }

    /// <summary>The first address.</summary>
    [JsonPropertyName("podIP")]
    public string? PodIP { get; set; }

    /// <summary>All of them: of a pod with IPv4 and IPv6 one each.</summary>
    [JsonPropertyName("podIPs")]
    public IList<PodAddress>? PodIPs { get; set; }

    /// <summary>Its conditions; only that of gates is kept.</summary>
    [JsonPropertyName("conditions")]
    public IList<V1PodCondition>? Conditions { get; set; }
}

/// <summary>An address of a pod.</summary>
public sealed class PodAddress
{
    /// <summary>The address.</summary>
    [JsonPropertyName("ip")]
    public string? Ip { get; set; }
}
