using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>One tap on every node that it selects: which MCP traffic is captured, and how.</summary>
[KubernetesEntity(Group = OcxApi.Group, ApiVersion = OcxApi.Version, Kind = KubeKind, PluralName = KubePluralName)]
[EntityScope(EntityScope.Cluster)]
[StatusSubresource]
[KubectlNames("tap", "ocx")]
[DnsLabelName(OcxApi.MaximumTapName)]
[Description(
    "An McpTap watches Model Context Protocol traffic on the nodes that it selects, "
        + "from the kernel and without a proxy."
)]
[GenericAdditionalPrinterColumn(".spec.interface", "Interface", "string", Order = 1)]
[GenericAdditionalPrinterColumn(".spec.port", "Port", "integer", Order = 2)]
[GenericAdditionalPrinterColumn(".spec.ringSize", "Ring", "string", Order = 3)]
[GenericAdditionalPrinterColumn(".status.desiredNodes", "Desired", "integer", Order = 4)]
[GenericAdditionalPrinterColumn(".status.readyNodes", "Ready", "integer", Order = 5)]
[GenericAdditionalPrinterColumn(".status.packets.total", "Total", "integer", Order = 6, Priority = 1)]
[GenericAdditionalPrinterColumn(".status.packets.filtered", "Filtered", "integer", Order = 7, Priority = 1)]
[GenericAdditionalPrinterColumn(".status.packets.captured", "Captured", "integer", Order = 8)]
[GenericAdditionalPrinterColumn(".status.packets.dropped", "Dropped", "integer", Order = 9)]
[GenericAdditionalPrinterColumn(".status.calls.total", "Calls", "integer", Order = 10, Priority = 1)]
[GenericAdditionalPrinterColumn(".status.calls.errors", "Errors", "integer", Order = 11, Priority = 1)]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].reason", "Status", "string", Order = 12)]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date", Order = 13)]
[GenericAdditionalPrinterColumn(
    ".status.conditions[?(@.type==\"Ready\")].message",
    "Message",
    "string",
    Order = 14,
    Priority = 1
)]
public sealed class V1Alpha1McpTap : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The kind's name.</summary>
    public const string KubeKind = "McpTap";

    /// <summary>The kind's name in an address.</summary>
    public const string KubePluralName = "mcptaps";

    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = OcxApi.GroupVersion;

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = KubeKind;

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    [JsonPropertyName("spec")]
    [Description("What is to be captured, and how.")]
    public V1Alpha1McpTapSpec Spec { get; set; } = new();

    /// <summary>What was seen.</summary>
    [JsonPropertyName("status")]
    [Description("What the operator and the nodes' agents last reported.")]
    public V1Alpha1McpTapStatus? Status { get; set; }

    /// <summary>
    /// Why the spec cannot be read, as <see cref="McpTapJson"/> found; null when it can. The spec is an empty one then.
    /// </summary>
    [JsonIgnore]
    public string? Problem { get; set; }
}
