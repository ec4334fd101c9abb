using System.Text.Json.Serialization;

namespace Ocx.TapBench.Reporting;

/// <summary>One result; what does not apply is null.</summary>
internal sealed record BenchRow
{
    public required string Name { get; init; }

    public int? PayloadBytes { get; init; }

    public double? NsPerPacket { get; init; }

    public double? EventsPerSecond { get; init; }

    public double? DroppedShare { get; init; }

    /// <summary>Above 1 the tap is faster than its peer, or than no tap where that is the peer.</summary>
    public double? RatioToPeer { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Peer { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GigabytesPerSecond { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Value { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Unit { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>What the row must reach, in words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Bar { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? BarMet { get; init; }
}
