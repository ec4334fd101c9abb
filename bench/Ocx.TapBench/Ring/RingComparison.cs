using System.Globalization;
using Ocx.TapBench.Reporting;

namespace Ocx.TapBench.Ring;

/// <summary>The agent's reader and the reader in C, in turn, each time in a new process.</summary>
internal static class RingComparison
{
    private const int Rounds = 5;
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

    public static IEnumerable<BenchRow> Run()
    {
        var ours = s_cases.ToDictionary(c => c, _ => new List<RingNumbers>());
        var peers = s_cases.ToDictionary(c => c, _ => new List<RingNumbers>());
        for (int round = 0; round < Rounds; round++)
        {
            foreach (Case c in s_cases)
            {
                string[] arguments = [c.Source, Text(c.Port), Text(c.Payload), Interface, Text(c.Flags)];
                // Who goes first changes, so that nobody has the quieter half.
                foreach (bool our in round % 2 == 0 ? (bool[])[true, false] : [false, true])
                {
                    string line = our
                        ? Tool.Run(Environment.ProcessPath!, ["ring", .. arguments])
                        : Tool.Run(Tool.Consumer, arguments);
                    (our ? ours : peers)[c].Add(RingNumbers.Parse(line));
                }
            }
        }
        return s_cases.SelectMany(c => Rows(c, ours[c], peers[c]));
    }

    private static IEnumerable<BenchRow> Rows(Case c, List<RingNumbers> ours, List<RingNumbers> peers)
    {
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
        if (c.Source == "testrun")
        {
            yield return new BenchRow
            {
                Name = "drain",
                PayloadBytes = c.Payload,
                Value = ours.Select(n => n.DrainNsPerEvent).Median(),
                Unit = "ns/event",
                RatioToPeer = Ratio(peers, ours, n => n.DrainNsPerEvent),
                Peer = Peer,
                Note = "the reader alone, emptying a ring that was filled before",
            };
        }
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
}
