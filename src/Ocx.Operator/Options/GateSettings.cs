using System.Text.Json.Serialization;
using k8s.Models;

namespace Ocx.Operator.Options;

/// <summary>How gates are rolled out: <c>audit.gate</c> of the chart's values.</summary>
public sealed record GateSettings
{
    /// <summary>The image.</summary>
    [JsonPropertyName("image")]
    public string Image { get; init; } = "ghcr.io/ocx-dev/ocx-gate:0.1.0";

    /// <summary>When it is pulled.</summary>
    [JsonPropertyName("imagePullPolicy")]
    public string ImagePullPolicy { get; init; } = "IfNotPresent";

    /// <summary>Its registry's credentials.</summary>
    [JsonPropertyName("imagePullSecrets")]
    public IList<V1LocalObjectReference>? ImagePullSecrets { get; init; }

    /// <summary>Requests and limits.</summary>
    [JsonPropertyName("resources")]
    public V1ResourceRequirements? Resources { get; init; }

    /// <summary>The nodes; all when there is none.</summary>
    [JsonPropertyName("nodeSelector")]
    public IDictionary<string, string>? NodeSelector { get; init; }

    /// <summary>The taints that do not keep gates away.</summary>
    [JsonPropertyName("tolerations")]
    public IList<V1Toleration>? Tolerations { get; init; }

    /// <summary>The priority class.</summary>
    [JsonPropertyName("priorityClassName")]
    public string? PriorityClassName { get; init; }

    /// <summary>The port of the gates' health and metrics on each node.</summary>
    [JsonPropertyName("httpPort")]
    public int HttpPort { get; init; } = 9909;
}
