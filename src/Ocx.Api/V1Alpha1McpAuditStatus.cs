using System.Text.Json.Serialization;
using k8s.Models;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>What the operator and the auditor last reported.</summary>
public sealed record V1Alpha1McpAuditStatus
{
    /// <summary>The spec's generation that this status speaks of.</summary>
    [JsonPropertyName("observedGeneration")]
    [Description("The generation of the spec that this status speaks of.")]
    public long? ObservedGeneration { get; set; }

    /// <summary>The conditions.</summary>
    [JsonPropertyName("conditions")]
    [Description(
        "Ready, RulesAccepted and JurorsReady, in mode Enforce Enforcing, and with spec.rehearsal Rehearsing, each "
            + "with a reason and a message."
    )]
    [ListType("map", "type")]
    public IList<V1Condition>? Conditions { get; set; }

    /// <summary>The server in words.</summary>
    [JsonPropertyName("server")]
    [Description("The server's labels and port, app=rows:8080.")]
    [Length(Maximum = 253)]
    public string? Server { get; set; }

    /// <summary>The calls by verdict.</summary>
    [JsonPropertyName("calls")]
    [Description("Audited calls by verdict.")]
    public VerdictCounts Calls { get; set; } = new();

    /// <summary>The tools that were refused most.</summary>
    [JsonPropertyName("toolsRefusedMost")]
    [Description("The tools that were refused most, the most refused first.")]
    [MaxItems(10)]
    [ListType("atomic")]
    public IList<RefusedTool>? ToolsRefusedMost { get; set; }

    /// <summary>How long verdicts take.</summary>
    [JsonPropertyName("latency")]
    [Description("How long verdicts take, from the end of the request to the verdict.")]
    public VerdictLatency? Latency { get; set; }

    /// <summary>What gates do.</summary>
    [JsonPropertyName("holds")]
    [Description("What gates hold, in mode Enforce.")]
    public HoldStatus? Holds { get; set; }

    /// <summary>How calls are rehearsed.</summary>
    [JsonPropertyName("rehearsal")]
    [Description("How calls are rehearsed, with spec.rehearsal.")]
    public RehearsalStatus? Rehearsal { get; set; }
}

/// <summary>Audited calls by verdict.</summary>
public sealed record VerdictCounts
{
    /// <summary>All of them.</summary>
    [JsonPropertyName("total")]
    [Description("Calls with a verdict.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Total { get; set; }

    /// <summary>Those that were released.</summary>
    [JsonPropertyName("released")]
    [Description("Those that were released.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Released { get; set; }

    /// <summary>Those that were refused.</summary>
    [JsonPropertyName("refused")]
    [Description("Those that were refused, or would have been.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Refused { get; set; }

    /// <summary>Those that were held.</summary>
    [JsonPropertyName("held")]
    [Description("Those that wait for a verdict now, in mode Enforce, and those that would wait for a person.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Held { get; set; }

    /// <summary>Those that expired.</summary>
    [JsonPropertyName("expired")]
    [Description("Those on which nobody decided in time.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Expired { get; set; }
}

/// <summary>How often a tool was refused.</summary>
public sealed record RefusedTool
{
    /// <summary>The tool.</summary>
    [JsonPropertyName("name")]
    [Description("The tool's name, cut after 128 characters.")]
    [Required]
    [Length(Maximum = CallCounts.LongestName)]
    public string Name { get; set; } = string.Empty;

    /// <summary>Its refused calls.</summary>
    [JsonPropertyName("refused")]
    [Description("How many of its calls were refused, or would have been.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Refused { get; set; }
}

/// <summary>How long verdicts take.</summary>
public sealed record VerdictLatency
{
    /// <summary>The median.</summary>
    [JsonPropertyName("p50Milliseconds")]
    [Description("Half of the verdicts took no longer, in milliseconds.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long P50Milliseconds { get; set; }

    /// <summary>The 99th percentile.</summary>
    [JsonPropertyName("p99Milliseconds")]
    [Description("All but one in a hundred took no longer, in milliseconds.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long P99Milliseconds { get; set; }
}
