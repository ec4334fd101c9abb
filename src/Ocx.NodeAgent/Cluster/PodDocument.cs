using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ocx.NodeAgent.Cluster;

/// <summary>A pod as the API server sends it: the fields that say who is behind an address, and no other.</summary>
/// <remarks>
/// Properties are settable, here and below, because generated readers set an init-only one that is absent to null.
/// </remarks>
internal sealed record PodDocument
{
    public PodMetadata Metadata { get; set; } = new();

    public PodSpec Spec { get; set; } = new();

    public PodStatus Status { get; set; } = new();
}

/// <summary>Whose pod it is.</summary>
internal sealed record PodMetadata
{
    public string Name { get; set; } = string.Empty;

    public string Namespace { get; set; } = string.Empty;

    public string Uid { get; set; } = string.Empty;

    public string ResourceVersion { get; set; } = string.Empty;

    public IReadOnlyDictionary<string, string>? Labels { get; set; }

    public IReadOnlyList<PodOwner>? OwnerReferences { get; set; }
}

/// <summary>What a pod belongs to.</summary>
internal sealed record PodOwner
{
    public string Kind { get; set; } = string.Empty;

    public string Name { get; set; } = string.Empty;

    public bool Controller { get; set; }
}

/// <summary>What the pod's author wrote.</summary>
internal sealed record PodSpec
{
    public bool HostNetwork { get; set; }

    public IReadOnlyList<ContainerSpec>? Containers { get; set; }

    public IReadOnlyList<ContainerSpec>? InitContainers { get; set; }

    public IReadOnlyList<ContainerSpec>? EphemeralContainers { get; set; }
}

/// <summary>A container of the spec.</summary>
internal sealed record ContainerSpec
{
    public string Name { get; set; } = string.Empty;

    public IReadOnlyList<ContainerPort>? Ports { get; set; }
}

/// <summary>A port that a container declares.</summary>
internal sealed record ContainerPort([property: JsonPropertyName("containerPort")] int Number)
{
    public string Protocol { get; set; } = "TCP";
}

/// <summary>What the kubelet wrote.</summary>
internal sealed record PodStatus
{
    public string Phase { get; set; } = string.Empty;

    public DateTimeOffset? StartTime { get; set; }

    [JsonPropertyName("podIPs")]
    public IReadOnlyList<PodIp>? PodIps { get; set; }

    public IReadOnlyList<ContainerStatus>? ContainerStatuses { get; set; }

    public IReadOnlyList<ContainerStatus>? InitContainerStatuses { get; set; }

    public IReadOnlyList<ContainerStatus>? EphemeralContainerStatuses { get; set; }
}

/// <summary>One of a pod's addresses.</summary>
internal sealed record PodIp
{
    public string Ip { get; set; } = string.Empty;
}

/// <summary>A container as it runs.</summary>
internal sealed record ContainerStatus
{
    public string Name { get; set; } = string.Empty;

    [JsonPropertyName("containerID")]
    public string? ContainerId { get; set; }

    public ContainerState? State { get; set; }
}

/// <summary>What a container does; of its states only the end matters here.</summary>
internal sealed record ContainerState
{
    public ContainerEnd? Terminated { get; set; }
}

/// <summary>A container's end, to the second.</summary>
internal sealed record ContainerEnd
{
    public DateTimeOffset? FinishedAt { get; set; }
}

/// <summary>A list of pods.</summary>
internal sealed record PodList
{
    public PodMetadata Metadata { get; set; } = new();

    public IReadOnlyList<PodDocument>? Items { get; set; }
}

/// <summary>A line of a watch; its object is a pod, or with the type ERROR an API status.</summary>
internal sealed record PodChange(string Type, JsonElement Object);

/// <summary>Why the API server ended a watch.</summary>
internal sealed record ApiStatus
{
    public int Code { get; set; }

    public string Message { get; set; } = string.Empty;
}

/// <summary>Reads pods without reflection, which an ahead-of-time compiled agent has not.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PodList))]
[JsonSerializable(typeof(PodDocument))]
[JsonSerializable(typeof(PodChange))]
[JsonSerializable(typeof(ApiStatus))]
internal sealed partial class PodJson : JsonSerializerContext;
