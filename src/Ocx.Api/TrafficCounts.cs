using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>What became of the traffic that a tap saw: packets, or payload bytes.</summary>
public sealed record TrafficCounts
{
    /// <summary>Everything that the tap saw on the interface.</summary>
    [JsonPropertyName("total")]
    [Description("Everything that was seen on the interface.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Total { get; init; }

    /// <summary>What matched a tapped port.</summary>
    [JsonPropertyName("filtered")]
    [Description("What matched a tapped port.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Filtered { get; init; }

    /// <summary>What was copied to the agent.</summary>
    [JsonPropertyName("captured")]
    [Description("What was copied to the agent.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Captured { get; init; }

    /// <summary>What was lost, because the ring buffer was full.</summary>
    [JsonPropertyName("dropped")]
    [Description("What was lost because the ring buffer was full.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Dropped { get; init; }

    /// <summary>Adds two counts.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum, field by field; no field is larger than <see cref="Counts.Largest"/>.</returns>
    public static TrafficCounts operator +(TrafficCounts left, TrafficCounts right) =>
        new()
        {
            Total = Counts.Sum(left.Total, right.Total),
            Filtered = Counts.Sum(left.Filtered, right.Filtered),
            Captured = Counts.Sum(left.Captured, right.Captured),
            Dropped = Counts.Sum(left.Dropped, right.Dropped),
        };

    /// <summary>Adds two counts.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum, field by field; no field is larger than <see cref="Counts.Largest"/>.</returns>
    public static TrafficCounts Add(TrafficCounts left, TrafficCounts right) => left + right;
}
