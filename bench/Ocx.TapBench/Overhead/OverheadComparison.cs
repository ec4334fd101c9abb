using Ocx.TapBench.Reporting;

namespace Ocx.TapBench.Overhead;

/// <summary>What a tap costs the traffic that it taps.</summary>
internal static class OverheadComparison
{
    private const int BareRounds = 20, McpRounds = 14, BulkRounds = 9, SliceMs = 250, McpSliceMs = 400, WarmMs = 100;
    private const string Peer = "no tap";

    /// <summary>
    /// The time of a request and its response on a connection that stays open: to a real MCP server, and to a server that does
    /// nothing at all, where the tap has nothing to hide behind.
    /// </summary>
    public static IEnumerable<BenchRow> Latency(Traffic traffic) =>
    [
        .. Latency("mcp call", null, PairedRounds.Run(McpRounds, () => Warm(traffic).MedianMcpCallNs(McpSliceMs))),
        .. Latency("bare round trip", Traffic.Request, PairedRounds.Run(BareRounds, () => Warm(traffic).MedianCallNs(SliceMs))),
    ];

    // Some laps over the ring: on some virtual machines the kernel's first write to each of its pages is slow, once.
    private static Traffic Warm(Traffic traffic)
    {
        _ = traffic.BulkBytesPerSecond(WarmMs);
        return traffic;
    }

    private static IEnumerable<BenchRow> Latency(
        string name, int? bytes, IReadOnlyDictionary<Subject, List<PairedRounds.Pair>> pairs)
    {
        yield return new BenchRow
        {
            Name = $"{name}, no tap",
            PayloadBytes = bytes,
            Value = pairs.Values.SelectMany(p => p).Select(p => p.Without).Median() / 1e3,
            Unit = "us",
        };
        foreach ((Subject subject, var rounds) in pairs)
        {
            double ratio = rounds.Select(p => p.Without / p.Tapped).Median();
            bool isAgent = subject == Subject.All[0];
            yield return new BenchRow
            {
                Name = $"{name}, {subject.Name}",
                PayloadBytes = bytes,
                Value = rounds.Select(p => p.Tapped).Median() / 1e3,
                Unit = "us",
                RatioToPeer = ratio,
                Peer = Peer,
                Bar = isAgent ? "within 2 %" : null,
                BarMet = isAgent ? ratio >= 1 / 1.02 : null,
            };
        }
    }

    /// <summary>Bytes per second of one connection.</summary>
    public static IEnumerable<BenchRow> Bulk(Traffic traffic)
    {
        var pairs = PairedRounds.Run(BulkRounds, () => traffic.BulkBytesPerSecond(SliceMs));
        yield return new BenchRow
        {
            Name = "bulk, no tap",
            PayloadBytes = Traffic.Write,
            GigabytesPerSecond = pairs.Values.SelectMany(p => p).Select(p => p.Without).Median() / 1e9,
        };
        foreach ((Subject subject, var rounds) in pairs)
        {
            yield return new BenchRow
            {
                Name = $"bulk, {subject.Name}",
                PayloadBytes = Traffic.Write,
                GigabytesPerSecond = rounds.Select(p => p.Tapped).Median() / 1e9,
                RatioToPeer = rounds.Select(p => p.Tapped / p.Without).Median(),
                Peer = Peer,
            };
        }
    }
}
