using System.Text.Json.Serialization;
using Ocx.Api.Attributes;

namespace Ocx.Api;

/// <summary>What was seen and not read, or not to its end, by kind. See docs/metrics.md.</summary>
public sealed record UnreadCounts
{
    /// <summary>TLS connections.</summary>
    [JsonPropertyName("tls")]
    [Description("TLS connections.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Tls { get; init; }

    /// <summary>HTTP/2 connections without TLS.</summary>
    [JsonPropertyName("http2")]
    [Description("HTTP/2 connections without TLS.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Http2 { get; init; }

    /// <summary>Connections that became another protocol.</summary>
    [JsonPropertyName("upgraded")]
    [Description("Connections that became another protocol.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Upgraded { get; init; }

    /// <summary>Streams of another protocol.</summary>
    [JsonPropertyName("otherProtocol")]
    [Description("Streams of another protocol.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long OtherProtocol { get; init; }

    /// <summary>Places where HTTP framing was lost.</summary>
    [JsonPropertyName("httpLost")]
    [Description("Places where HTTP framing was lost.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long HttpLost { get; init; }

    /// <summary>Texts that were meant as JSON-RPC and are no JSON.</summary>
    [JsonPropertyName("malformedJson")]
    [Description("Texts that were meant as JSON-RPC and are no JSON.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long MalformedJson { get; init; }

    /// <summary>Texts nested deeper than the bound.</summary>
    [JsonPropertyName("tooDeepJson")]
    [Description("Texts nested deeper than is read.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long TooDeepJson { get; init; }

    /// <summary>Bodies whose content coding could not be decoded.</summary>
    [JsonPropertyName("undecodable")]
    [Description("Bodies whose content coding could not be decoded.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Undecodable { get; init; }

    /// <summary>Bodies given up, as decoding them made too much work.</summary>
    [JsonPropertyName("decodeLimit")]
    [Description("Bodies given up, as decoding them made too much work.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long DecodeLimit { get; init; }

    /// <summary>Messages longer than the bound, read in part.</summary>
    [JsonPropertyName("oversize")]
    [Description("Messages longer than is kept, read in part.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Oversize { get; init; }

    /// <summary>What was given up as memory was short.</summary>
    [JsonPropertyName("shed")]
    [Description("What was given up as memory was short.")]
    [RangeMinimum(0)]
    [RangeMaximum(Counts.Largest)]
    public long Shed { get; init; }

    /// <summary>Each kind by its name in the API, and its count.</summary>
    [JsonIgnore]
    public IReadOnlyList<(string Kind, long Count)> Kinds =>
        [
            ("tls", Tls),
            ("http2", Http2),
            ("upgraded", Upgraded),
            ("otherProtocol", OtherProtocol),
            ("httpLost", HttpLost),
            ("malformedJson", MalformedJson),
            ("tooDeepJson", TooDeepJson),
            ("undecodable", Undecodable),
            ("decodeLimit", DecodeLimit),
            ("oversize", Oversize),
            ("shed", Shed),
        ];

    /// <summary>All kinds together.</summary>
    [JsonIgnore]
    public long Total => Kinds.Aggregate(0L, (sum, kind) => Counts.Sum(sum, kind.Count));

    /// <summary>Adds two counts.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum, kind by kind; none is larger than <see cref="Counts.Largest"/>.</returns>
    public static UnreadCounts operator +(UnreadCounts left, UnreadCounts right) =>
        new()
        {
            Tls = Counts.Sum(left.Tls, right.Tls),
            Http2 = Counts.Sum(left.Http2, right.Http2),
            Upgraded = Counts.Sum(left.Upgraded, right.Upgraded),
            OtherProtocol = Counts.Sum(left.OtherProtocol, right.OtherProtocol),
            HttpLost = Counts.Sum(left.HttpLost, right.HttpLost),
            MalformedJson = Counts.Sum(left.MalformedJson, right.MalformedJson),
            TooDeepJson = Counts.Sum(left.TooDeepJson, right.TooDeepJson),
            Undecodable = Counts.Sum(left.Undecodable, right.Undecodable),
            DecodeLimit = Counts.Sum(left.DecodeLimit, right.DecodeLimit),
            Oversize = Counts.Sum(left.Oversize, right.Oversize),
            Shed = Counts.Sum(left.Shed, right.Shed),
        };

    /// <summary>Adds two counts.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum, kind by kind; none is larger than <see cref="Counts.Largest"/>.</returns>
    public static UnreadCounts Add(UnreadCounts left, UnreadCounts right) => left + right;
}
