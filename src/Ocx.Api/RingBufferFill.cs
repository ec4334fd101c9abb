using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>
/// How full an agent's ring buffer is. A ring that was once nearly full loses packets in the next larger burst.
/// </summary>
public sealed record RingBufferFill
{
    /// <summary>The ring's size.</summary>
    [JsonPropertyName("sizeBytes")]
    [Description("The ring buffer's size in bytes.")]
    [RangeMinimum(0)]
    public long SizeBytes { get; init; }

    /// <summary>What waits to be read.</summary>
    [JsonPropertyName("usedBytes")]
    [Description("The bytes that waited in it when the report was written.")]
    [RangeMinimum(0)]
    public long UsedBytes { get; init; }

    /// <summary>The most that waited.</summary>
    [JsonPropertyName("highestBytes")]
    [Description("The most bytes that waited in it since the agent started.")]
    [RangeMinimum(0)]
    public long HighestBytes { get; init; }

    /// <summary>
    /// The most that waited, in percent of the size and rounded up; null when the figures contradict themselves.
    /// </summary>
    [JsonIgnore]
    public int? HighestPercent =>
        SizeBytes > 0 && HighestBytes >= 0 && HighestBytes <= SizeBytes
            ? (int)Math.Ceiling(100.0 * HighestBytes / SizeBytes)
            : null;
}
