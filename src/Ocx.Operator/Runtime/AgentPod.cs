using System.Text.Json.Serialization;
using k8s.Models;
using Ocx.Kube;

namespace Ocx.Operator.Runtime;

/// <summary>
/// An agent's pod, of which only what tells how it fares is read: there are as many as nodes and taps, and each is
/// large.
/// </summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
internal sealed class AgentPod() : PartialObject("v1", "Pod")
{
    [JsonPropertyName("spec")]
    public AgentPodSpec? Spec { get; set; }

    [JsonPropertyName("status")]
    public AgentPodStatus? Status { get; set; }
}

/// <summary>Where a pod runs.</summary>
internal sealed class AgentPodSpec
{
    [JsonPropertyName("nodeName")]
    public string? NodeName { get; set; }
}

/// <summary>How a pod fares.</summary>
internal sealed class AgentPodStatus
{
    [JsonPropertyName("phase")]
    public string? Phase { get; set; }

    [JsonPropertyName("reason")]
    public string? Reason { get; set; }

    [JsonPropertyName("message")]
    public string? Message { get; set; }

    [JsonPropertyName("conditions")]
    public IList<AgentPodCondition>? Conditions { get; set; }

    [JsonPropertyName("containerStatuses")]
    public IList<AgentContainer>? ContainerStatuses { get; set; }
}

/// <summary>A condition of a pod.</summary>
internal sealed class AgentPodCondition
{
    [JsonPropertyName("type")]
    public string? Type { get; set; }

    [JsonPropertyName("status")]
    public string? Status { get; set; }

    [JsonPropertyName("reason")]
    public string? Reason { get; set; }

    [JsonPropertyName("message")]
    public string? Message { get; set; }
}

/// <summary>How a container fares.</summary>
internal sealed class AgentContainer
{
    [JsonPropertyName("image")]
    public string? Image { get; set; }

    [JsonPropertyName("ready")]
    public bool Ready { get; set; }

    [JsonPropertyName("restartCount")]
    public int RestartCount { get; set; }

    [JsonPropertyName("state")]
    public AgentContainerState? State { get; set; }

    [JsonPropertyName("lastState")]
    public AgentContainerState? LastState { get; set; }
}

/// <summary>What a container waits for, or how it ended.</summary>
internal sealed class AgentContainerState
{
    [JsonPropertyName("waiting")]
    public AgentContainerReason? Waiting { get; set; }

    [JsonPropertyName("terminated")]
    public AgentContainerReason? Terminated { get; set; }
}

/// <summary>Why.</summary>
internal sealed class AgentContainerReason
{
    [JsonPropertyName("reason")]
    public string? Reason { get; set; }

    [JsonPropertyName("message")]
    public string? Message { get; set; }

    [JsonPropertyName("exitCode")]
    public int ExitCode { get; set; }
}
