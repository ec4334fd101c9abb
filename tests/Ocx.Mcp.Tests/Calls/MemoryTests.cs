using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>The heap is one for all tests: those that measure it run alone.</summary>
[CollectionDefinition(nameof(HeapTests), DisableParallelization = true)]
public class HeapTests;

/// <summary>What following calls holds is what its budget says, whatever peers send.</summary>
[Collection(nameof(HeapTests))]
public class MemoryTests
{
    private const long Budget = 4 << 20;

    // Tables of fixed size, spare records, pooled arrays that wait for their next use, and what the runtime itself
    // needs for the test.
    private const long Beside = 12 << 20;

    [Fact]
    public void Hostile_traffic_never_takes_more_than_the_budget_and_gives_all_of_it_back() =>
        Prop.ForAll(
                Gen.Choose(0, int.MaxValue).ToArbitrary(),
                seed =>
                {
                    var random = new Random(seed);
                    var tracker = new McpTracker(
                        new McpOptions { MaxMemoryBytes = Budget, HashTools = true },
                        new Nothing()
                    );
                    Wire[] wires =
                    [
                        .. Enumerable
                            .Range(0, 1 + random.Next(300))
                            .Select(i => new Wire(20_000 + i, (uint)random.Next(), (uint)random.Next())),
                    ];
                    long now = 1_700_000_000_000_000_000,
                        highest = 0;
                    for (int step = 0; step < 500; step++)
                    {
                        Wire wire = wires[random.Next(wires.Length)];
                        wire.Log.Clear();
                        Act(wire, random);
                        foreach (Sent sent in wire.Log.Where(_ => random.Next(20) > 0))
                        {
                            tracker.Accept(wire.At(sent, now += random.Next(1_000_000)));
                            highest = Math.Max(highest, tracker.Stats.HeldBytes);
                        }

                        if (random.Next(10) == 0)
                        {
                            tracker.Tick(now += random.Next(2_000_000_000));
                        }
                    }

                    tracker.Flush(now);
                    Assert.InRange(highest, 1, Budget);
                    Assert.Equal(0, tracker.Stats.HeldBytes);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(15));

    public static TheoryData<string, Action<McpTracker, Wire, int>> Floods =>
        new()
        {
            {
                "method names of 500 kB",
                (tracker, wire, i) => Feed(tracker, wire.Open().FromClient(Peer.Post(Request(i, Long(500_000, i)))))
            },
            {
                "names of 500 kB",
                (tracker, wire, i) => Feed(tracker, wire.Open().FromClient(Peer.Post(Peer.Call(i, Long(500_000, i)))))
            },
            {
                "session ids of 60 kB",
                (tracker, wire, i) =>
                    Feed(
                        tracker,
                        wire.Open().FromClient(Peer.Post(Peer.Call(i), $"Mcp-Session-Id: {Long(60_000, i)}\r\n"))
                    )
            },
            {
                "heads of 60 kB",
                (tracker, wire, i) =>
                    Feed(
                        tracker,
                        wire.Open()
                            .FromClient(
                                $"POST /{Long(20_000, i)} HTTP/1.1\r\nOrigin: http://{Long(20_000, i)}\r\n"
                                    + $"Host: {Long(10_000, i)}\r\nMcp-Name: {Long(9_000, i)}\r\n"
                                    + "Content-Length: 9\r\n\r\n"
                            )
                    )
            },
            {
                "clients' names of 400 kB",
                (tracker, wire, i) =>
                    Feed(
                        tracker,
                        wire.Open()
                            .FromClient(
                                Peer.Post(
                                    $$$"""{"jsonrpc":"2.0","id":{{{i}}},"method":"initialize","params":"""
                                        + $$$"""{"clientInfo":{"name":"{{{Long(400_000, i)}}}","version":"1"} } }"""
                                )
                            )
                    )
            },
            {
                "requests in a row",
                (tracker, wire, i) =>
                    Feed(
                        tracker,
                        wire.Open()
                            .FromClient(
                                string.Concat(
                                    Enumerable
                                        .Range(0, 250)
                                        .Select(n =>
                                            Peer.Post(Peer.Call(n), $"Mcp-Name: {Long(1000, (i * 250) + n)}\r\n")
                                        )
                                )
                            )
                    )
            },
            {
                "calls by line",
                (tracker, wire, i) =>
                    Feed(
                        tracker,
                        wire.Open()
                            .FromClient(
                                string.Concat(
                                    Enumerable
                                        .Range(0, 250)
                                        .Select(n =>
                                            Peer.Call(n, Long(1000, (i * 250) + n), $"\"{Long(4000, n)}\"") + "\n"
                                        )
                                )
                            )
                    )
            },
            {
                "segments that wait",
                (tracker, wire, i) =>
                {
                    wire.Open().Unseen(true, 1);
                    for (int n = 0; n < 500; n++)
                    {
                        wire.Unseen(true, 1).FromClient("x");
                    }

                    Feed(tracker, wire);
                }
            },
        };

    [Theory]
    [MemberData(nameof(Floods))]
    public void The_heap_stays_within_a_stated_figure(string flood, Action<McpTracker, Wire, int> send)
    {
        Assert.NotEmpty(flood);
        var tracker = new McpTracker(new McpOptions { MaxMemoryBytes = Budget }, new Nothing());
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 210; i++)
        {
            send(tracker, new Wire(20_000 + i), i);
            Assert.InRange(tracker.Stats.HeldBytes, 0, Budget);
        }

        long held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(held, long.MinValue, Budget + Beside);
        tracker.Flush(1_700_000_001_000_000_000);
        Assert.Equal(0, tracker.Stats.HeldBytes);
    }

    [Fact]
    public void A_connection_a_call_and_a_session_take_no_more_than_they_are_charged_for()
    {
        const int Count = 2000;
        var tracker = new McpTracker(new McpOptions { MaxMemoryBytes = 1 << 30 }, new Nothing());
        Wire[] wires =
        [
            .. Enumerable
                .Range(0, Count)
                .Select(i =>
                    new Wire(20_000 + i)
                        .Open()
                        .FromClient(
                            Peer.Post(
                                Peer.Call(i, "name" + i),
                                $"Mcp-Session-Id: {Guid.NewGuid()}\r\nMCP-Protocol-Version: 2025-11-25\r\n"
                            )
                        )
                ),
        ];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (Wire wire in wires)
        {
            Feed(tracker, wire);
        }

        long takes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(takes, 1, tracker.Stats.HeldBytes + (2 << 20)); // the cache of texts among others
        GC.KeepAlive(tracker);
        GC.KeepAlive(wires);
    }

    private static void Act(Wire wire, Random random)
    {
        string text = Long(random.Next(3) == 0 ? random.Next(200_000) : random.Next(50), random.Next());
        string session =
            random.Next(2) == 0 ? string.Empty : $"Mcp-Session-Id: {text[..Math.Min(text.Length, 30_000)]}\r\n";
        switch (random.Next(12))
        {
            case 0:
                wire.Open();
                break;
            case 1:
                wire.FromClient(Peer.Post(Request(random.Next(50), text), session), split: 1 + random.Next(70_000));
                break;
            case 2:
                wire.FromClient(
                    string.Concat(
                        Enumerable.Repeat(
                            Peer.Post(Peer.Call(random.Next(50), text[..Math.Min(text.Length, 200)]), session),
                            random.Next(300)
                        )
                    )
                );
                break;
            case 3:
                wire.FromClient(
                    string.Concat(
                        Enumerable
                            .Range(0, random.Next(200))
                            .Select(n => Peer.Call(n, "line", $"\"{text[..Math.Min(text.Length, 500)]}\"") + "\n")
                    )
                );
                break;
            case 4:
                wire.FromServer(Peer.Ok(Peer.Result(random.Next(50), $"\"{text}\""), session));
                break;
            case 5:
                wire.FromServer(Peer.EventStream(session) + Peer.Event(Peer.Result(random.Next(50))));
                break;
            case 6:
                wire.FromServer(
                    Peer.Event(
                        Peer.Result(random.Next(50), $$"""{"serverInfo":{"version":"{{text}}","name":"{{text}}"} }""")
                    )
                );
                break;
            case 7:
                wire.Unseen(random.Next(2) == 0, random.Next(200_000));
                break;
            case 8:
                wire.Send(random.Next(2) == 0, Encoding.UTF8.GetBytes(text), split: 1 + random.Next(3000));
                break;
            case 9:
                wire.Close(random.Next(2) == 0);
                break;
            case 10:
                wire.FromClient(text);
                wire.Log[^1] = wire.Log[^1] with
                {
                    Sequence = (uint)random.Next(),
                    Flags = (TcpFlags)random.Next(32) & (TcpFlags.Fin | TcpFlags.Syn | TcpFlags.Rst | TcpFlags.Ack),
                };
                break;
            default:
                wire.FromClient($"GET /mcp?session_id={text} HTTP/1.1\r\nHost: {text}\r\nOrigin: http://a\r\n\r\n");
                break;
        }
    }

    private static string Request(int id, string method) =>
        $$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"{{{method}}}","params":{}}""";

    private static string Long(int length, int i) =>
        i.ToString("x8", System.Globalization.CultureInfo.InvariantCulture) + new string('x', length);

    private static void Feed(McpTracker tracker, Wire wire)
    {
        long now = 1_700_000_000_000_000_000;
        foreach (Sent sent in wire.Log)
        {
            tracker.Accept(wire.At(sent, now += 1000));
        }
    }

    private sealed class Nothing : IMcpSink
    {
        public void OnCall(CallRecord record)
        {
            // Only what is held counts.
        }

        public void OnUnreadable(in UnreadableConnection connection)
        {
            // Only what is held counts.
        }
    }
}
