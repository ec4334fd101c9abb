using System.Globalization;
using Ocx.TapBench.Reporting;

namespace Ocx.TapBench.Ring;

/// <summary>The agent's reader and the reader in C, in turn, each time in a new process.</summary>
internal static class RingComparison
{
    private const int Rounds = 5;

    // A drain takes milliseconds, and how long depends on which pages of memory the process was given.
    private const int DrainRounds = 25;
    private const string Interface = "ring0",
        Peer = "C";
    private const byte Syn = 0x02,
        Ack = 0x10;

    private static readonly Case[] s_cases =
    [
        new("reject", "testrun", 9999, 256),
        new("empty", "testrun", 8080, 0, Ack),
        new("control", "testrun", 8080, 0, Syn),
        new("capture", "testrun", 8080, 64),
        new("capture", "testrun", 8080, 256),
        new("capture", "testrun", 8080, 1400),
        new("capture-veth", "veth", 8080, 256),
        new("capture-veth", "veth", 8080, 16384),
    ];

    private static readonly Case[] s_drains =
    [
        new("drain", "drain", 8080, 0, Syn),
        new("drain", "drain", 8080, 64),
        new("drain", "drain", 8080, 256),
        new("drain", "drain", 8080, 1400),
    ];

    public static IEnumerable<BenchRow> Run() =>
        [.. Measure(s_cases, Rounds).SelectMany(Rows), .. Measure(s_drains, DrainRounds).Select(DrainRow)];

    private static List<Pair> Measure(Case[] cases, int rounds)
    {
        List<Pair> pairs = [.. cases.Select(c => new Pair(c, [], []))];
        for (int round = 0; round < rounds; round++)
        {
            foreach ((Case c, List<RingNumbers> ours, List<RingNumbers> peers) in pairs)
            {
                string[] arguments = [c.Source, Text(c.Port), Text(c.Payload), Interface, Text(c.Flags)];
                // Who goes first changes, so that nobody has the quieter half.
                foreach (bool our in round % 2 == 0 ? (bool[])[true, false] : [false, true])
                {
                    string line = our
                        ? Tool.Run(Environment.ProcessPath!, ["ring", .. arguments])
                        : Tool.Run(Tool.Consumer, arguments);
                    (our ? ours : peers).Add(RingNumbers.Parse(line));
                }
            }
        }
        return pairs;
    }

    private static IEnumerable<BenchRow> Rows(Pair pair)
    {
        (Case c, List<RingNumbers> ours, List<RingNumbers> peers) = pair;
        BenchRow our = Row(c, ours),
            peer = Row(c, peers) with { Name = $"{c.Name}, C reader" };
        if (!c.HasRecords)
        {
            yield return our with
            {
                RatioToPeer = Ratio(peers, ours, n => n.NsPerPacket),
                Peer = Peer,
            };
            yield break;
        }
        double ratio = Ratio(ours, peers, n => n.EventsPerSecond);
        our = our with { RatioToPeer = ratio, Peer = Peer, Bar = "0.9 of C or more", BarMet = ratio >= 0.9 };
        if (c is { Source: "testrun", Payload: 256 })
        {
            our = our with
            {
                Bar = "300 ns or less, 3 M/s or more, 0.9 of C or more",
                BarMet = our.NsPerPacket <= 300 && our.EventsPerSecond >= 3e6 && ratio >= 0.9,
            };
        }
        yield return our;
        yield return peer;
    }

    private static BenchRow DrainRow(Pair pair)
    {
        double ratio = Ratio(pair.Peers, pair.Ours, n => n.DrainNsPerEvent);
        return new BenchRow
        {
            Name = pair.Case.Name,
            PayloadBytes = pair.Case.Payload,
            Value = pair.Ours.Select(n => n.DrainNsPerEvent).Median(),
            Unit = "ns/event",
            RatioToPeer = ratio,
            Peer = Peer,
            Bar = "0.95 of C or more",
            BarMet = ratio >= 0.95,
            Note = "the reader alone, emptying a ring that was filled before",
        };
    }

    private static BenchRow Row(Case c, List<RingNumbers> rounds) =>
        new()
        {
            Name = c.Name,
            PayloadBytes = c.Payload,
            NsPerPacket = rounds.Select(n => n.NsPerPacket).Median(),
            EventsPerSecond = !c.HasRecords ? null : rounds.Select(n => n.EventsPerSecond).Median(),
            GigabytesPerSecond =
                c.Payload == 0 || !c.HasRecords ? null : rounds.Select(n => n.BytesPerSecond).Median() / 1e9,
            DroppedShare = !c.HasRecords ? null : rounds.Select(n => n.DroppedShare).Median(),
            Note =
                c.Source == "veth"
                    ? "real packets through a veth; ns/packet by BPF_ENABLE_STATS, clock reads included"
                    : "BPF_PROG_TEST_RUN",
        };

    private static double Ratio(List<RingNumbers> over, List<RingNumbers> under, Func<RingNumbers, double> number) =>
        over.Zip(under, (a, b) => number(a) / number(b)).Median();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Case(string Name, string Source, int Port, int Payload, byte Flags = Frame.DataFlags)
    {
        public bool HasRecords => Port == 8080 && (Payload > 0 || Flags != Ack);
    }

    private sealed record Pair(Case Case, List<RingNumbers> Ours, List<RingNumbers> Peers);
}
