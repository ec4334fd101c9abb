using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>
/// What one agent counted on one node for one McpTap. The agent alone writes its status, the operator alone its
/// interval.
/// </summary>
[KubernetesEntity(Group = OcxApi.Group, ApiVersion = OcxApi.Version, Kind = KubeKind, PluralName = KubePluralName)]
[EntityScope(EntityScope.Namespaced)]
[KubectlNames("tapreport", "ocx")]
[Description("An McpTapReport holds what one node's agent counted for one McpTap.")]
[GenericAdditionalPrinterColumn(".spec.tap", "Tap", "string", Order = 1)]
[GenericAdditionalPrinterColumn(".spec.node", "Node", "string", Order = 2)]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string", Order = 3)]
[GenericAdditionalPrinterColumn(".status.packets.captured", "Captured", "integer", Order = 4)]
[GenericAdditionalPrinterColumn(".status.packets.dropped", "Dropped", "integer", Order = 5)]
[GenericAdditionalPrinterColumn(".status.lastReportTime", "Reported", "date", Order = 6)]
public sealed class V1Alpha1McpTapReport : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The kind's name.</summary>
    public const string KubeKind = "McpTapReport";

    /// <summary>The kind's name in an address.</summary>
    public const string KubePluralName = "mcptapreports";

    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = OcxApi.GroupVersion;

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = KubeKind;

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>Whose report it is.</summary>
    [JsonPropertyName("spec")]
    [Description("Whose report it is, and how often it is to be written.")]
    [Required]
    public V1Alpha1McpTapReportSpec Spec { get; set; } = null!;

    /// <summary>The counts.</summary>
    [JsonPropertyName("status")]
    [Description("What the agent counted.")]
    public V1Alpha1McpTapReportStatus? Status { get; set; }

    /// <summary>The name of a node's report. A tap's name has no dot, so two pairs never share a name.</summary>
    /// <param name="tap">The McpTap's name.</param>
    /// <param name="node">The node's name.</param>
    /// <returns>The name.</returns>
    public static string NameOf(string tap, string node) => $"{tap}.{node}";
}

/// <summary>Whose report it is, and how often it is to be written.</summary>
public sealed class V1Alpha1McpTapReportSpec
{
    /// <summary>The McpTap.</summary>
    [JsonPropertyName("tap")]
    [Description("The McpTap's name.")]
    [Length(Maximum = OcxApi.MaximumTapName)]
    [Pattern(OcxApi.TapNamePattern)]
    [Required]
    public string Tap { get; set; } = null!;

    /// <summary>The node.</summary>
    [JsonPropertyName("node")]
    [Description("The node's name.")]
    [Length(Maximum = OcxApi.MaximumNodeName)]
    [Pattern(OcxApi.NodeNamePattern)]
    [Required]
    public string Node { get; set; } = null!;

    /// <summary>The interval that the operator sets.</summary>
    [JsonPropertyName("interval")]
    [Description("How often the agent writes this report. The operator sets it from the number of nodes.")]
    [Pattern(ApiDuration.Pattern)]
    public string? Interval { get; set; }
}

/// <summary>What an agent counted since its first report.</summary>
public sealed record V1Alpha1McpTapReportStatus
{
    /// <summary>The longest message, in characters.</summary>
    public const int LongestMessage = 1024;

    /// <summary>What the agent does.</summary>
    [JsonPropertyName("phase")]
    [Description("What the agent does.")]
    [AllowedValues(NodePhase.Starting, NodePhase.Running, NodePhase.Failed, NodePhase.Stopped)]
    public string Phase { get; init; } = NodePhase.Starting;

    /// <summary>Why it does not capture.</summary>
    [JsonPropertyName("message")]
    [Description("Why the agent does not capture.")]
    [Length(Maximum = LongestMessage)]
    public string? Message { get; init; }

    /// <summary>Packets.</summary>
    [JsonPropertyName("packets")]
    [Description("Packets since the first report, restarts of the agent included.")]
    public TrafficCounts Packets { get; init; } = new();

    /// <summary>Payload bytes.</summary>
    [JsonPropertyName("bytes")]
    [Description("Bytes since the first report, restarts of the agent included.")]
    public TrafficCounts Bytes { get; init; } = new();

    /// <summary>MCP calls.</summary>
    [JsonPropertyName("calls")]
    [Description("MCP calls since the first report, restarts of the agent included.")]
    public CallCounts? Calls { get; init; }

    /// <summary>The ring buffer.</summary>
    [JsonPropertyName("ringBuffer")]
    [Description("How full the ring buffer is, and was at most since the agent started.")]
    public RingBufferFill? RingBuffer { get; init; }

    /// <summary>What an administrator should look at.</summary>
    [JsonPropertyName("findings")]
    [Description("The newest of what the agent found, since it started, that an administrator should look at.")]
    [MaxItems(Finding.MaxReported)]
    [ListType("atomic")]
    public IReadOnlyList<Finding>? Findings { get; init; }

    /// <summary>When the agent wrote this.</summary>
    [JsonPropertyName("lastReportTime")]
    [Description("When the agent wrote this report.")]
    [Length(Maximum = OcxApi.LongestTime)]
    public DateTime? LastReportTime { get; init; }

    /// <summary>When the agent last saw the drops rise.</summary>
    [JsonPropertyName("lastDropTime")]
    [Description("When the agent last saw packets being dropped.")]
    [Length(Maximum = OcxApi.LongestTime)]
    public DateTime? LastDropTime { get; init; }
}
