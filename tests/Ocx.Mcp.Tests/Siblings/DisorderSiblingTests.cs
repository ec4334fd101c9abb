using Ocx.Mcp.Tcp;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>What networks, and those who capture them, do to the segments of three calls.</summary>
public sealed class DisorderSiblingTests
{
    private static readonly string[] s_three = ["c0 ok", "c1 ok", "c2 ok"];

    public static TheoryData<uint, uint> Starts =>
        new MatrixTheoryData<uint, uint>(
            [1000, uint.MaxValue, uint.MaxValue - 1, uint.MaxValue - 200, uint.MaxValue - 2000, 0x7FFF_FF00, 0],
            [9000, uint.MaxValue - 1, uint.MaxValue - 300, 0x7FFF_FFF0]
        );

    [Theory]
    [MemberData(nameof(Starts))]
    public void Numbers_wrap_around(uint client, uint server)
    {
        foreach (int split in Dialogue.Splits)
        {
            foreach (bool opened in new[] { true, false })
            {
                Tracked tracked = new();
                tracked
                    .Feed(TcpCaptured.Three().ToWire(split, wire: new(40000, client, server), opened: opened))
                    .Flush();
                Telling.Is($"{client} {server}", s_three, tracked);
            }
        }
    }

    public static TheoryData<string, bool> Disturbances =>
        new MatrixTheoryData<string, bool>(s_disturbances.Keys, [true, false]);

    // The handshake, a request and its answer, or parts of them: the tap knows by then where each side stands.
    private const int Begun = 4;

    private static readonly Dictionary<string, Func<List<Sent>, Random, IEnumerable<Sent>>> s_disturbances = new()
    {
        ["each twice"] = (log, _) => log.SelectMany(sent => new[] { sent, sent }),
        ["each again after the next"] = (log, _) =>
            log.SelectMany((sent, i) => i == 0 ? [sent] : new[] { sent, log[i - 1] }),
        ["all again at the end"] = (log, _) => log.Concat(log.Where(sent => sent.Length > 0)),
        ["pairs swapped"] = (log, _) =>
            log.Take(Begun).Concat(log.Skip(Begun).Chunk(2).SelectMany(pair => pair.Reverse())),
        ["windows shuffled"] = (log, random) =>
            log.Take(Begun).Concat(log.Skip(Begun).Chunk(5).SelectMany(part => Shuffled(part, random))),
        ["the SYNs behind the first data"] = (log, _) =>
            log[3].FromClient
                ? [log[2], log[3], log[0], log[1], .. log.Skip(4)]
                : [log[2], log[0], log[1], .. log.Skip(3)],
        ["the SYNs behind the second data"] = (log, _) =>
            log[3].FromClient ? [log[3], log[0], log[1], log[2], .. log.Skip(4)] : log,
        ["sent again in larger segments"] = (log, _) => log.SelectMany((sent, i) => Again(log, i, behind: 1, ahead: 0)),
        ["sent again in part with what follows"] = (log, _) =>
            log.SelectMany((sent, i) => Again(log, i, behind: 2, ahead: 0, cut: 5)),
        ["keep-alive probes"] = (log, _) => log.SelectMany(sent => new[] { sent, Probe(sent, 0, 0), Answer(sent) }),
        ["keep-alive probes with a byte"] = (log, _) =>
            log.SelectMany(sent => new[] { sent, Probe(sent, 1, 0), Answer(sent) }),
        ["strays far ahead"] = (log, _) => log.SelectMany(sent => new[] { sent, Stray(sent, 1 << 30) }),
        ["strays far behind"] = (log, _) => log.SelectMany(sent => new[] { sent, Stray(sent, -(1 << 30)) }),
        ["strays of the first number"] = (log, _) =>
            log.Take(Begun).Concat(log.Skip(Begun).SelectMany(sent => new[] { sent, Stray(sent, -200_000) })),
        ["resets far away"] = (log, _) => log.SelectMany(sent => new[] { sent, Control(sent, TcpFlags.Rst, 1 << 30) }),
        ["resets of an old copy"] = (log, _) =>
            log.SelectMany(sent => new[] { sent, Control(sent, TcpFlags.Rst, -200_000) }),
        ["SYNs of nobody"] = (log, _) => log.SelectMany(sent => new[] { sent, Control(sent, TcpFlags.Syn, 77) }),
        ["SYN again"] = (log, _) => log.SelectMany((sent, i) => i < 6 ? [sent, log[0]] : new[] { sent }),
        ["window probes"] = (log, _) =>
            log.SelectMany(sent =>
                sent.Length > 1 ? [sent with { Payload = sent.Payload[..1], Length = 1 }, sent] : new[] { sent }
            ),
    };

    [Theory]
    [MemberData(nameof(Disturbances))]
    public void Segments_come_in_disorder(string disturbance, bool syn)
    {
        foreach (int split in new[] { 40, 100, 1400, int.MaxValue })
        {
            Wire wire = TcpCaptured.Three().ToWire(split);
            Tracked tracked = new();
            IEnumerable<Sent> disturbed = s_disturbances[disturbance]([.. wire.Log], new Random(split));
            TcpCaptured.Feed(tracked, wire, Sees.Fin | Sees.Acks | (syn ? Sees.Syn : 0), disturbed);
            tracked.Flush();
            string capture = $"{disturbance}, {split} bytes a segment: ";
            if (disturbance.StartsWith("strays", StringComparison.Ordinal))
            {
                // One that comes first of all is a stream of its own, of nothing known.
                Assert.Equal($"{capture}{string.Join("; ", s_three)}", capture + Telling.Of(tracked));
                Assert.Equal(0, tracked.Tracker.Stats.Gaps);
            }
            else
            {
                Telling.Is(capture, s_three, tracked);
            }
        }
    }

    private static Sent[] Shuffled(Sent[] part, Random random)
    {
        random.Shuffle(part);
        return part;
    }

    // A segment, and then the same bytes and those around them in one segment with other boundaries.
    private static Sent[] Again(List<Sent> log, int at, int behind, int ahead, int cut = 0)
    {
        Sent[] run =
        [
            .. log.Skip(Math.Max(0, at - behind))
                .Take(behind + 1 + ahead)
                .Where(sent => sent.FromClient == log[at].FromClient && sent.Length > 0),
        ];
        bool joined = run.Zip(run.Skip(1))
            .All(pair => pair.First.Sequence + (uint)pair.First.Length == pair.Second.Sequence);
        byte[] bytes = [.. run.SelectMany(sent => sent.Payload).Skip(cut)];
        return log[at].Length == 0 || !joined || bytes.Length == 0
            ? [log[at]]
            :
            [
                log[at],
                run[^1] with
                {
                    Sequence = run[0].Sequence + (uint)cut,
                    Payload = bytes,
                    Length = bytes.Length,
                },
            ];
    }

    // RFC 9293, 3.8.4: the number before the next one, with a byte of rubbish or none.
    private static Sent Probe(Sent sent, int length, byte rubbish) =>
        sent with
        {
            Sequence =
                sent.Sequence
                + (uint)sent.Length
                + (sent.Flags.HasFlag(TcpFlags.Syn) || sent.Flags.HasFlag(TcpFlags.Fin) ? 1u : 0)
                - 1,
            Flags = TcpFlags.Ack,
            Payload = Enumerable.Repeat(rubbish, length).ToArray(),
            Length = length,
        };

    private static Sent Answer(Sent sent) =>
        new(
            !sent.FromClient,
            sent.Acknowledgment,
            sent.Sequence
                + (uint)sent.Length
                + (sent.Flags.HasFlag(TcpFlags.Syn) || sent.Flags.HasFlag(TcpFlags.Fin) ? 1u : 0),
            TcpFlags.Ack,
            [],
            0
        );

    private static Sent Control(Sent sent, TcpFlags flags, int away) =>
        sent with
        {
            Sequence = sent.Sequence + (uint)away,
            Flags = flags,
            Payload = [],
            Length = 0,
        };

    private static Sent Stray(Sent sent, int away) =>
        sent with
        {
            Sequence = sent.Sequence + (uint)away,
            Flags = TcpFlags.Ack,
            Payload = "of an older connection, or of nobody"u8.ToArray(),
            Length = 36,
        };
}
