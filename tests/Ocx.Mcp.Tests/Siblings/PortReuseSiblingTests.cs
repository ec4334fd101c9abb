using Ocx.Mcp.Tests.Calls;

namespace Ocx.Mcp.Tests.Siblings;

/// <summary>Three connections on one 4-tuple, of which the tap sees more or less.</summary>
public sealed class PortReuseSiblingTests
{
    private const uint Old = 0x4000_0000;

    private static readonly string[] s_three = ["c0 ok", "c1 ok", "c2 ok"];

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
                Wire said = TcpCaptured.Call(i).ToWire(split, Ending.ByServer, wire);
                TcpCaptured.Feed(tracked, said, i == 0 && firstSyn ? sees | Sees.Syn : sees);
                tracked.Now += 1_000_000_000;
                tracked.Tracker.Tick(tracked.Now);
            }

            tracked.Flush();
            Telling.Is($"{client} {server} {sees}, {split} bytes a segment", s_three, tracked);
        }
    }
}
