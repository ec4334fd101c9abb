using Ocx.TapBench.Reporting;

namespace Ocx.TapBench.Overhead;

/// <summary>What a tap costs the traffic that it taps.</summary>
internal static class OverheadComparison
{
    private const int LatencyRounds = 25, BulkRounds = 9, SliceMs = 250;
    private const string Peer = "no tap";

    /// <summary>The time of a request and its response on a connection that stays open.</summary>
    public static IEnumerable<BenchRow> Latency(Traffic traffic)
    {
        var pairs = PairedRounds.Run(LatencyRounds, () => traffic.MedianCallNs(SliceMs));
        yield return new BenchRow
        {
            Name = "latency, no tap",
            PayloadBytes = Traffic.Request,
            Value = pairs.Values.SelectMany(p => p).Select(p => p.Without).Median() / 1e3,
            Unit = "us/call",
            Note = "a request of 256 bytes, a response of 1024",
        };
        foreach ((Subject subject, var rounds) in pairs)
        {
            double ratio = rounds.Select(p => p.Without / p.Tapped).Median();
            bool isAgent = subject == Subject.All[0];
            yield return new BenchRow
            {
                Name = $"latency, {subject.Name}",
                PayloadBytes = Traffic.Request,
                Value = rounds.Select(p => p.Tapped).Median() / 1e3,
                Unit = "us/call",
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
