using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>What gates hold of an audit's calls.</summary>
public sealed record HoldStatus
{
    /// <summary>What waits now.</summary>
    [JsonPropertyName("waiting")]
    [Description("Calls that wait for their verdict now.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Waiting { get; set; }

    /// <summary>All holds.</summary>
    [JsonPropertyName("total")]
    [Description("Calls that were held, or whose results were.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Total { get; set; }

    /// <summary>The median.</summary>
    [JsonPropertyName("p50Milliseconds")]
    [Description("Half of the holds took no longer, in milliseconds.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long P50Milliseconds { get; set; }

    /// <summary>The 99th percentile.</summary>
    [JsonPropertyName("p99Milliseconds")]
    [Description("All but one in a hundred took no longer, in milliseconds.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long P99Milliseconds { get; set; }

    /// <summary>What could not be held or decided.</summary>
    [JsonPropertyName("failures")]
    [Description("What gates could not hold or decide, and what the failure policy made of it.")]
    [MaxItems(16)]
    [ListType("map", "reason")]
    public IList<HoldFailureStatus>? Failures { get; set; }
}

/// <summary>What gates could not hold or decide, for one reason.</summary>
public sealed record HoldFailureStatus
{
    /// <summary>The reason.</summary>
    [JsonPropertyName("reason")]
    [Description("NoAuditor, QueueFull, Unreadable, TooLarge, JoinedMidway, Expired or Unfinished.")]
    [Required]
    [Length(Maximum = 63)]
    public string Reason { get; set; } = string.Empty;

    /// <summary>Those that passed.</summary>
    [JsonPropertyName("passed")]
    [Description("Those that passed all the same.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Passed { get; set; }

    /// <summary>Those that were refused.</summary>
    [JsonPropertyName("refused")]
    [Description("Those that were refused, or whose connection was closed.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Refused { get; set; }
}
