using Ocx.Mcp.Tcp;
using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>What TCP and those who capture it do to three calls on one connection, or on one 4-tuple.</summary>
public sealed class TcpSiblingTests
{
    private const uint Old = 0x4000_0000;

    private static readonly string[] s_three = ["c0 ok", "c1 ok", "c2 ok"];

    /// <summary>What the tap sees of a connection's first and last segments.</summary>
    [Flags]
    public enum Sees
    {
        Data = 0,
        Syn = 1,
        Fin = 2,
        Acks = 4,
    }

    public static TheoryData<int, int, Sees> Reuses =>
        new MatrixTheoryData<int, int, Sees>(
            [-100_000_000, -1_000_000, -70_000, -5000, 5000, 70_000, 1_000_000, 100_000_000, 1 << 30],
            [-90_000_000, -1_000_000, -5000, 6000, 1_000_000, 200_000_000],
            [
                Sees.Syn,
                Sees.Syn | Sees.Fin,
                Sees.Syn | Sees.Acks,
                Sees.Syn | Sees.Fin | Sees.Acks,
                Sees.Fin | Sees.Acks,
                Sees.Fin,
            ]
        );

    public static TheoryData<int, int, Sees> UnseenReuses =>
        new MatrixTheoryData<int, int, Sees>(
            [-100_000_000, -1_000_000, -5000, 100_000_000, 1 << 30],
            [-90_000_000, -1_000_000, -5000, 200_000_000],
            [Sees.Data, Sees.Acks]
        );

    /// <summary>A new connection on the same addresses and ports, whose numbers lie so far from the old ones.</summary>
    [Theory]
    [MemberData(nameof(Reuses))]
    public void Ports_are_taken_again(int client, int server, Sees sees) =>
        Reused(client, server, sees, firstSyn: false);

    /// <summary>The first connection's SYN was seen, and nothing but data since.</summary>
    [Theory]
    [MemberData(nameof(UnseenReuses))]
    public void Ports_are_taken_again_unseen(int client, int server, Sees sees) =>
        Reused(client, server, sees, firstSyn: true);

    private static void Reused(int client, int server, Sees sees, bool firstSyn)
    {
        foreach (int split in new[] { 50, int.MaxValue })
        {
            Tracked tracked = new();
            for (int i = 0; i < 3; i++)
            {
                Wire wire = new(40000, Old + (uint)(i * client), Old + (uint)(i * server));
                Wire said = Call(i).ToWire(split, Ending.ByServer, WithAcks(wire));
                Feed(tracked, said, i == 0 && firstSyn ? sees | Sees.Syn : sees);
                tracked.Now += 1_000_000_000;
                tracked.Tracker.Tick(tracked.Now);
            }

            tracked.Flush();
            Telling.Is($"{client} {server} {sees}, {split} bytes a segment", s_three, tracked);
        }
    }

    private static Wire WithAcks(Wire wire) => wire;

    private static Dialogue Call(int id) =>
        new Dialogue().Client(Peer.Post(Peer.Call(id, $"c{id}"))).Server(Peer.Ok(Peer.Result(id)));

    private static Dialogue Three(int size = 300)
    {
        Dialogue all = new();
        for (int i = 0; i < 3; i++)
        {
            string filler = new('f', size);
            all.Client(Peer.Post(Peer.Call(i, $"c{i}", $$"""{"x":"{{filler}}"}""")))
                .Server(Peer.Ok(Peer.Result(i, $$"""{"x":"{{filler}}"}""")));
        }

        return all;
    }

    private static void Feed(Tracked tracked, Wire wire, Sees sees, IEnumerable<Sent>? log = null)
    {
        foreach (Sent sent in log ?? wire.Log)
        {
            bool syn = sent.Flags.HasFlag(TcpFlags.Syn),
                fin = sent.Flags.HasFlag(TcpFlags.Fin),
                only = !syn && !fin && sent.Length == 0;
            if (
                (syn && !sees.HasFlag(Sees.Syn))
                || (fin && !sees.HasFlag(Sees.Fin))
                || (only && !sees.HasFlag(Sees.Acks))
            )
            {
                continue;
            }

            tracked.Tracker.Accept(wire.At(sent, tracked.Now += 1_000_000));
            if (sees.HasFlag(Sees.Acks) && sent.Length > 0)
            {
                Sent ack = new(
                    !sent.FromClient,
                    sent.Acknowledgment,
                    sent.Sequence + (uint)sent.Length,
                    TcpFlags.Ack,
                    [],
                    0
                );
                tracked.Tracker.Accept(wire.At(ack, tracked.Now += 1000));
            }
        }
    }

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
                tracked.Feed(Three().ToWire(split, wire: new(40000, client, server), opened: opened)).Flush();
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
        ["resets far away"] = (log, _) =>
            log.SelectMany(sent =>
                new[]
                {
                    sent,
                    sent with
                    {
                        Flags = TcpFlags.Rst,
                        Payload = [],
                        Length = 0,
                        Sequence = sent.Sequence + (1 << 30),
                    },
                }
            ),
        ["resets of an old copy"] = (log, _) =>
            log.SelectMany(sent =>
                new[]
                {
                    sent,
                    sent with
                    {
                        Flags = TcpFlags.Rst,
                        Payload = [],
                        Length = 0,
                        Sequence = sent.Sequence - 200_000,
                    },
                }
            ),
        ["SYNs of nobody"] = (log, _) =>
            log.SelectMany(sent =>
                new[]
                {
                    sent,
                    sent with
                    {
                        Flags = TcpFlags.Syn,
                        Payload = [],
                        Length = 0,
                        Sequence = sent.Sequence + 77,
                    },
                }
            ),
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
            Wire wire = Three().ToWire(split);
            Tracked tracked = new();
            IEnumerable<Sent> disturbed = s_disturbances[disturbance]([.. wire.Log], new Random(split));
            Feed(tracked, wire, Sees.Fin | Sees.Acks | (syn ? Sees.Syn : 0), disturbed);
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

    [Theory]
    [InlineData("client half-closes before the answer")]
    [InlineData("client resets after the answer")]
    [InlineData("answer and FIN in one segment")]
    [InlineData("FINs sent again")]
    [InlineData("data sent again after the FIN")]
    [InlineData("reset of a connection that is closed")]
    public void A_connection_ends_in_another_way(string way)
    {
        foreach (int split in new[] { 40, int.MaxValue })
        {
            Wire wire = new Wire().Open().FromClient(Peer.Post(Peer.Call(0, "c0")), split);
            int end = wire.Log.Count;
            string answer = Peer.Ok(Peer.Result(0));
            switch (way)
            {
                case "client half-closes before the answer":
                    wire.Close();
                    Sent fin = wire.Log[end];
                    wire.Log.RemoveRange(end + 1, 1);
                    wire.Unseen(false, -1);
                    wire.FromServer(answer, split).Close(byClient: false);
                    wire.Log.RemoveAt(wire.Log.Count - 1);
                    wire.Log.Insert(end + 1, fin);
                    break;
                case "answer and FIN in one segment":
                    wire.FromServer(answer, split);
                    wire.Log[^1] = wire.Log[^1] with { Flags = TcpFlags.Ack | TcpFlags.Fin };
                    break;
                case "client resets after the answer":
                    wire.FromServer(answer, split);
                    Sent last = wire.Log.FindLast(sent => sent.FromClient)!;
                    wire.Log.Add(
                        last with
                        {
                            Sequence = last.Sequence + (uint)last.Length,
                            Flags = TcpFlags.Rst,
                            Payload = [],
                            Length = 0,
                        }
                    );
                    break;
                default:
                    wire.FromServer(answer, split).Close();
                    wire.Log.AddRange(
                        way switch
                        {
                            "FINs sent again" => wire.Log[^2..],
                            "data sent again after the FIN" => wire.Log[2..],
                            _ =>
                            [
                                wire.Log[^1] with
                                {
                                    Flags = TcpFlags.Rst,
                                },
                                wire.Log[^2] with
                                {
                                    Flags = TcpFlags.Rst,
                                },
                            ],
                        }
                    );
                    break;
            }

            Tracked tracked = new();
            tracked.Feed(wire).Flush();
            Telling.Is($"{way}, {split}", ["c0 ok"], tracked);
            Assert.Equal(1, tracked.Tracker.Stats.Connections);
        }
    }

    public static TheoryData<Sees, bool> OneSided =>
        new MatrixTheoryData<Sees, bool>(
            [Sees.Data, Sees.Acks, Sees.Syn, Sees.Syn | Sees.Acks, Sees.Syn | Sees.Fin],
            [true, false]
        );

    [Theory]
    [MemberData(nameof(OneSided))]
    public void Of_requests_alone_the_answers_are_a_gap(Sees sees, bool handshake)
    {
        foreach (int split in new[] { 60, int.MaxValue })
        {
            foreach (int count in new[] { 1, 3, 300 })
            {
                // Nothing shows that the server, which was seen to accept, answered the last one.
                string last = handshake && sees == Sees.Syn ? "a unpaired" : "a unpaired gap";
                Dialogue dialogue = new();
                for (int i = 0; i < count; i++)
                {
                    dialogue.Client(Peer.Post(Peer.Call(i, "a"))).Server(Peer.Ok(Peer.Result(i)));
                }

                Wire wire = dialogue.ToWire(split);
                Tracked tracked = new();
                foreach (Sent sent in wire.Log)
                {
                    bool shown = sent.FromClient || (handshake && sent.Flags.HasFlag(TcpFlags.Syn));
                    if (shown)
                    {
                        Feed(tracked, wire, sees & ~Sees.Acks, [sent]);
                    }
                    else if (sees.HasFlag(Sees.Acks) && sent.Length > 0)
                    {
                        Feed(
                            tracked,
                            wire,
                            Sees.Acks,
                            [new(true, sent.Acknowledgment, sent.Sequence + (uint)sent.Length, TcpFlags.Ack, [], 0)]
                        );
                    }

                    tracked.Tracker.Tick(tracked.Now += 200_000_000);
                }

                tracked.Flush();
                Assert.Equal(
                    $"{split} {count}: "
                        + $"{string.Join("; ", Enumerable.Repeat("a unpaired gap", count - 1).Append(last))}",
                    $"{split} {count}: {Telling.Of(tracked)}"
                );
            }
        }
    }

    [Theory]
    [MemberData(nameof(OneSided))]
    public void Of_answers_alone_nothing_is_made_up(Sees sees, bool handshake)
    {
        Wire wire = Three().ToWire(100);
        Tracked tracked = new();
        Feed(
            tracked,
            wire,
            sees,
            wire.Log.Where(sent => !sent.FromClient || (handshake && sent.Flags.HasFlag(TcpFlags.Syn)))
        );
        tracked.Flush();
        Assert.Equal("", Telling.Of(tracked));
        Assert.Equal(3, tracked.Tracker.Stats.Orphans);
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

    private static Sent Stray(Sent sent, int away) =>
        sent with
        {
            Sequence = sent.Sequence + (uint)away,
            Flags = TcpFlags.Ack,
            Payload = "of an older connection, or of nobody"u8.ToArray(),
            Length = 36,
        };
}
