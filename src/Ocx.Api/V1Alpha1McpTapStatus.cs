using System.Text.Json.Serialization;
using k8s.Models;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>What the operator and the agents last reported.</summary>
public sealed record V1Alpha1McpTapStatus
{
    /// <summary>The spec's generation that this status speaks of.</summary>
    [JsonPropertyName("observedGeneration")]
    [Description("The generation of the spec that this status speaks of.")]
    public long? ObservedGeneration { get; set; }

    /// <summary>The conditions.</summary>
    [JsonPropertyName("conditions")]
    [Description("Ready, Progressing, Degraded, DataLoss and ReportsAccepted, each with a reason and a message.")]
    [ListType("map", "type")]
    public IList<V1Condition>? Conditions { get; set; }

    /// <summary>The nodes that should run an agent.</summary>
    [JsonPropertyName("desiredNodes")]
    [Description("The nodes that should run an agent.")]
    public int DesiredNodes { get; set; }

    /// <summary>The nodes whose agent captures.</summary>
    [JsonPropertyName("readyNodes")]
    [Description("The nodes whose agent is ready.")]
    public int ReadyNodes { get; set; }

    /// <summary>All packets, nodes that are gone included.</summary>
    [JsonPropertyName("packets")]
    [Description("Packets on all nodes, those that are gone included.")]
    public TrafficCounts Packets { get; set; } = new();

    /// <summary>All payload bytes, nodes that are gone included.</summary>
    [JsonPropertyName("bytes")]
    [Description("Bytes on all nodes, those that are gone included.")]
    public TrafficCounts Bytes { get; set; } = new();

    /// <summary>All MCP calls, nodes that are gone included.</summary>
    [JsonPropertyName("calls")]
    [Description("MCP calls on all nodes, those that are gone included, and the busiest of the nodes' busiest tools.")]
    public CallCounts Calls { get; set; } = new();

    /// <summary>The newest report's time.</summary>
    [JsonPropertyName("lastReportTime")]
    [Description("The time of the newest report.")]
    public DateTime? LastReportTime { get; set; }

    /// <summary>The nodes, the worst first when there are more than fit.</summary>
    [JsonPropertyName("nodes")]
    [Description("The nodes by name: all of them up to 100, the worst 100 beyond that.")]
    [MaxItems(100)]
    [ListType("map", "node")]
    public IList<V1Alpha1NodeStatus>? Nodes { get; set; }

    /// <summary>How many nodes did not fit.</summary>
    [JsonPropertyName("omittedNodes")]
    [Description("How many nodes are not listed in nodes.")]
    public int OmittedNodes { get; set; }

    /// <summary>The counts of nodes that are gone.</summary>
    [JsonPropertyName("retired")]
    [Description("The counts of nodes whose report was deleted; they are part of packets and bytes.")]
    public V1Alpha1RetiredCounts? Retired { get; set; }
}

/// <summary>The counts of one node.</summary>
public sealed class V1Alpha1NodeStatus
{
    /// <summary>The node's name.</summary>
    [JsonPropertyName("node")]
    [Description("The node's name.")]
    [Required]
    public string Node { get; set; } = string.Empty;

    /// <summary>What the agent does.</summary>
    [JsonPropertyName("phase")]
    [Description("What the agent does: Starting, Running, Failed, Stopped, or Unknown when it has not been heard of.")]
    public string? Phase { get; set; }

    /// <summary>Packets seen.</summary>
    [JsonPropertyName("total")]
    [Description("Packets seen.")]
    public long Total { get; set; }

    /// <summary>Packets on a tapped port.</summary>
    [JsonPropertyName("filtered")]
    [Description("Packets on a tapped port.")]
    public long Filtered { get; set; }

    /// <summary>Packets captured.</summary>
    [JsonPropertyName("captured")]
    [Description("Packets captured.")]
    public long Captured { get; set; }

    /// <summary>Packets lost.</summary>
    [JsonPropertyName("dropped")]
    [Description("Packets lost.")]
    public long Dropped { get; set; }

    /// <summary>How full the ring buffer was at most.</summary>
    [JsonPropertyName("ringHighestPercent")]
    [Description("How full the agent's ring buffer was at most since the agent started, in percent.")]
    public int? RingHighestPercent { get; set; }

    /// <summary>Why the agent does not capture.</summary>
    [JsonPropertyName("message")]
    [Description("Why the agent does not capture.")]
    public string? Message { get; set; }

    /// <summary>The report's time.</summary>
    [JsonPropertyName("lastReportTime")]
    [Description("The time of the node's last report.")]
    public DateTime? LastReportTime { get; set; }
}

/// <summary>The counts of nodes whose report was deleted.</summary>
public sealed class V1Alpha1RetiredCounts
{
    /// <summary>Their packets.</summary>
    [JsonPropertyName("packets")]
    [Description("Their packets.")]
    public TrafficCounts Packets { get; set; } = new();

    /// <summary>Their payload bytes.</summary>
    [JsonPropertyName("bytes")]
    [Description("Their bytes.")]
    public TrafficCounts Bytes { get; set; } = new();

    /// <summary>Their MCP calls.</summary>
    [JsonPropertyName("calls")]
    [Description("Their MCP calls.")]
    public CallCounts Calls { get; set; } = new();

    /// <summary>
    /// Reports that are counted here and about to be deleted: what makes the totals exact should the operator stop in
    /// between.
    /// </summary>
    [JsonPropertyName("reports")]
    [Description("The uids of reports that are counted here already and about to be deleted.")]
    [ListType("set")]
    public IList<string>? Reports { get; set; }
}
