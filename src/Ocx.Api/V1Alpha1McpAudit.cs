using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>
/// Which calls of one MCP server are audited, and by whom. It can select pods of its own namespace alone.
/// </summary>
[KubernetesEntity(Group = OcxApi.Group, ApiVersion = OcxApi.Version, Kind = KubeKind, PluralName = KubePluralName)]
[EntityScope(EntityScope.Namespaced)]
[StatusSubresource]
[KubectlNames("audit", "ocx")]
[DnsLabelName(OcxApi.MaximumTapName)]
[Description("An McpAudit has the calls of an MCP server in its namespace judged, and keeps a verdict of each.")]
[GenericAdditionalPrinterColumn(".status.server", "Server", "string", Order = 1)]
[GenericAdditionalPrinterColumn(".spec.mode", "Mode", "string", Order = 2)]
[GenericAdditionalPrinterColumn(".status.calls.total", "Calls", "integer", Order = 3)]
[GenericAdditionalPrinterColumn(".status.calls.released", "Released", "integer", Order = 4)]
[GenericAdditionalPrinterColumn(".status.calls.refused", "Refused", "integer", Order = 5)]
[GenericAdditionalPrinterColumn(".status.calls.held", "Held", "integer", Order = 6)]
[GenericAdditionalPrinterColumn(".status.calls.expired", "Expired", "integer", Order = 7)]
[GenericAdditionalPrinterColumn(".status.holds.p99Milliseconds", "HoldP99", "integer", Order = 8)]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].reason", "Status", "string", Order = 9)]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date", Order = 10)]
[GenericAdditionalPrinterColumn(
    ".status.conditions[?(@.type==\"Enforcing\")].reason",
    "Enforcing",
    "string",
    Order = 11,
    Priority = 1
)]
[GenericAdditionalPrinterColumn(".status.holds.p50Milliseconds", "HoldP50", "integer", Order = 12, Priority = 1)]
[GenericAdditionalPrinterColumn(
    ".status.conditions[?(@.type==\"Ready\")].message",
    "Message",
    "string",
    Order = 13,
    Priority = 1
)]
public sealed class V1Alpha1McpAudit : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The kind's name.</summary>
    public const string KubeKind = "McpAudit";

    /// <summary>The kind's name in an address.</summary>
    public const string KubePluralName = "mcpaudits";

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
    [Description("Which calls are audited, and by whom.")]
    [Required]
    public V1Alpha1McpAuditSpec Spec { get; set; } = new();

    /// <summary>What was seen.</summary>
    [JsonPropertyName("status")]
    [Description("What the operator and the auditor last reported.")]
    public V1Alpha1McpAuditStatus? Status { get; set; }

    /// <summary>
    /// Why the spec cannot be read, as <see cref="McpAuditJson"/> found; null when it can. The spec is an empty one
    /// then.
    /// </summary>
    [JsonIgnore]
    public string? Problem { get; set; }
}
