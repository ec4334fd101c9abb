using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>How the calls of an audit are rehearsed.</summary>
public sealed record RehearsalStatus
{
    /// <summary>The shadows that are ready.</summary>
    [JsonPropertyName("warm")]
    [Description("Shadow servers that wait ready, each with its clones.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Warm { get; set; }

    /// <summary>The rehearsals.</summary>
    [JsonPropertyName("total")]
    [Description("Calls that were to be rehearsed since the auditor took this spec.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Total { get; set; }

    /// <summary>Those that failed.</summary>
    [JsonPropertyName("failures")]
    [Description("Those that did not come to their end, by reason.")]
    [MaxItems(16)]
    [ListType("map", "reason")]
    public IList<RehearsalFailureStatus>? Failures { get; set; }

    /// <summary>The clones.</summary>
    [JsonPropertyName("clones")]
    [Description("The sources of state, and how far their clones are behind them.")]
    [MaxItems(8)]
    [ListType("map", "name")]
    public IList<CloneStatus>? Clones { get; set; }
}

/// <summary>Rehearsals that failed for one reason.</summary>
public sealed record RehearsalFailureStatus
{
    /// <summary>The reason.</summary>
    [JsonPropertyName("reason")]
    [Description("Why, in a few words.")]
    [Required]
    [Length(Maximum = 63)]
    public string Reason { get; set; } = string.Empty;

    /// <summary>How many.</summary>
    [JsonPropertyName("count")]
    [Description("How many.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Count { get; set; }
}

/// <summary>The clones of one source.</summary>
public sealed record CloneStatus
{
    /// <summary>The source.</summary>
    [JsonPropertyName("name")]
    [Description("The source's name, as the spec has it.")]
    [Required]
    [Length(Maximum = 63)]
    public string Name { get; set; } = string.Empty;

    /// <summary>Those that are ready.</summary>
    [JsonPropertyName("ready")]
    [Description("Clones that follow the source and can be taken.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Ready { get; set; }

    /// <summary>The lag.</summary>
    [JsonPropertyName("lagMilliseconds")]
    [Description("How far the clone furthest behind is behind its source, in milliseconds.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long LagMilliseconds { get; set; }

    /// <summary>What is wrong.</summary>
    [JsonPropertyName("problem")]
    [Description("Why the source cannot be cloned now.")]
    [Length(Maximum = 512)]
    public string? Problem { get; set; }
}
