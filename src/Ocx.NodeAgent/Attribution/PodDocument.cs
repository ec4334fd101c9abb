using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ocx.NodeAgent.Attribution;

/// <summary>A pod as the API server sends it: the fields that say who is behind an address, and no other.</summary>
internal sealed record PodDocument
{
    public PodMetadata Metadata { get; init; } = new();

    public PodSpec Spec { get; init; } = new();

    public PodStatus Status { get; init; } = new();
}

/// <summary>Whose pod it is.</summary>
internal sealed record PodMetadata
{
    public string Name { get; init; } = string.Empty;

    public string Namespace { get; init; } = string.Empty;

    public string Uid { get; init; } = string.Empty;

    public string ResourceVersion { get; init; } = string.Empty;

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyList<PodOwner>? OwnerReferences { get; init; }
}

/// <summary>What a pod belongs to.</summary>
internal sealed record PodOwner
{
    public string Kind { get; init; } = string.Empty;

    public string Name { get; init; } = string.Empty;

    public bool Controller { get; init; }
}

/// <summary>What the pod's author wrote.</summary>
internal sealed record PodSpec
{
    public bool HostNetwork { get; init; }

    public IReadOnlyList<ContainerSpec>? Containers { get; init; }

    public IReadOnlyList<ContainerSpec>? InitContainers { get; init; }

    public IReadOnlyList<ContainerSpec>? EphemeralContainers { get; init; }
}

/// <summary>A container of the spec.</summary>
internal sealed record ContainerSpec
{
    public string Name { get; init; } = string.Empty;

    public IReadOnlyList<ContainerPort>? Ports { get; init; }
}

/// <summary>A port that a container declares.</summary>
internal sealed record ContainerPort([property: JsonPropertyName("containerPort")] int Number)
{
    public string Protocol { get; init; } = "TCP";
}

/// <summary>What the kubelet wrote.</summary>
internal sealed record PodStatus
{
    public string Phase { get; init; } = string.Empty;

    public DateTimeOffset? StartTime { get; init; }

    [JsonPropertyName("podIPs")]
    public IReadOnlyList<PodIp>? PodIps { get; init; }

    public IReadOnlyList<ContainerStatus>? ContainerStatuses { get; init; }

    public IReadOnlyList<ContainerStatus>? InitContainerStatuses { get; init; }

    public IReadOnlyList<ContainerStatus>? EphemeralContainerStatuses { get; init; }
}

/// <summary>One of a pod's addresses.</summary>
internal sealed record PodIp
{
    public string Ip { get; init; } = string.Empty;
}

/// <summary>A container as it runs.</summary>
internal sealed record ContainerStatus
{
    public string Name { get; init; } = string.Empty;

    [JsonPropertyName("containerID")]
    public string? ContainerId { get; init; }
}

/// <summary>A list of pods.</summary>
internal sealed record PodList
{
    public PodMetadata Metadata { get; init; } = new();

    public IReadOnlyList<PodDocument>? Items { get; init; }
}

/// <summary>A line of a watch; its object is a pod, or with the type ERROR an API status.</summary>
internal sealed record PodChange(string Type, JsonElement Object);

/// <summary>Why the API server ended a watch.</summary>
internal sealed record ApiStatus
{
    public int Code { get; init; }

    public string Message { get; init; } = string.Empty;
}

/// <summary>Reads pods without reflection, which an ahead-of-time compiled agent has not.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PodList))]
[JsonSerializable(typeof(PodDocument))]
[JsonSerializable(typeof(PodChange))]
[JsonSerializable(typeof(ApiStatus))]
internal sealed partial class PodJson : JsonSerializerContext;
