using Ocx.TapBench.Reporting;

namespace Ocx.TapBench.Overhead;

/// <summary>What a tap costs the traffic that it taps.</summary>
internal static class OverheadComparison
{
    private const int LatencyRounds = 12,
        BulkRounds = 9,
        CallMs = 1000,
        McpCallMs = 2000,
        WarmServerMs = 60_000,
        BulkMs = 250,
        WarmMs = 100;
    private const string Peer = "no tap";

    /// <summary>
    /// The time of a request and its response on a connection that stays open: to a real MCP server, and to a server
    /// that does nothing at all, where the tap has nothing to hide behind.
    /// </summary>
    public static IEnumerable<BenchRow> Latency(Traffic traffic)
    {
        Subject[] subjects = [Subject.None, .. Subject.Taps];
        // The server's code is compiled anew, and becomes twice as fast, while it serves its first calls.
        _ = traffic.CompareMcpCalls(WarmServerMs);
        return
        [
            .. Latency(
                "mcp call",
                null,
                PairedRounds.Run(subjects, LatencyRounds, () => Warm(traffic).CompareMcpCalls(McpCallMs))
            ),
            .. Latency(
                "bare round trip",
                Traffic.Request,
                PairedRounds.Run(subjects, LatencyRounds, () => Warm(traffic).CompareCalls(CallMs))
            ),
        ];
    }

    // Some laps over the ring: on some virtual machines the kernel's first write to each of its pages is slow, once.
    private static Traffic Warm(Traffic traffic)
    {
        _ = traffic.BulkBytesPerSecond(WarmMs);
        return traffic;
    }

    private static IEnumerable<BenchRow> Latency(
        string name,
        int? bytes,
        IReadOnlyDictionary<Subject, List<Pair>> pairs
    )
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
            bool isAgent = subject == Subject.Agent;
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
        var pairs = PairedRounds.Run(Subject.Taps, BulkRounds, () => traffic.BulkBytesPerSecond(BulkMs));
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
