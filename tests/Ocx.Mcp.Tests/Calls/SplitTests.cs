using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>However the network cuts, shuffles and repeats the bytes of a session, the same calls come out.</summary>
public class SplitTests
{
    private static readonly (bool FromClient, string Text)[] s_session =
    [
        (
            true,
            Peer.Post(
                """{"jsonrpc":"2.0","id":0,"method":"initialize","params":"""
                    + """{"protocolVersion":"2025-11-25","clientInfo":{"name":"c","version":"1"}}}"""
            )
        ),
        (
            false,
            Peer.EventStream("Mcp-s_session-Id: s-1\r\n")
                + Peer.Event("""{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18"}}""")
                + Peer.LastChunk
        ),
        (true, Peer.Post("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", "Mcp-s_session-Id: s-1\r\n")),
        (false, Peer.Accepted),
        (true, Peer.Post(Peer.Call(1, "ünïcode", """{"text":"line\n"}"""), "Mcp-s_session-Id: s-1\r\n")),
        (
            false,
            Peer.EventStream()
                + Peer.Chunk(": comment\r\n\r\n")
                + Peer.Chunk("data: {\"jsonrpc\":\"2.0\",\r\ndata: \"id\":1,\"result\":{}}\r\n\r\n")
                + Peer.LastChunk
        ),
        (true, Peer.Post(Peer.Call(2, "b")) + Peer.Post(Peer.Call(3, "c"))),
        (false, Peer.Ok(Peer.Result(2)) + Peer.Status("500 Oops", "no")),
    ];

    [Fact]
    public void Any_split_in_any_order_with_duplicates_and_overlaps_yields_the_same_calls()
    {
        string[] expected = [.. Calls(new Wire().Open(), int.MaxValue, 0).Select(WithoutTimes)];
        Assert.Equal(4, expected.Length);
        Prop.ForAll(
                Gen.Choose(1, 400).ToArbitrary(),
                Gen.Choose(1, int.MaxValue).ToArbitrary(),
                (split, seed) => expected.SequenceEqual(Calls(new Wire().Open(), split, seed).Select(WithoutTimes))
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private static List<string> Calls(Wire wire, int split, int seed)
    {
        foreach ((bool fromClient, string text) in s_session)
        {
            wire.Send(fromClient, Encoding.UTF8.GetBytes(text), split);
        }

        Tracked tracked = new();
        Sent[] data = [.. wire.Log.Skip(2)];
        if (seed != 0)
        {
            var random = new Random(seed);
            data = [.. data.Concat(data.Where(_ => random.Next(4) == 0)).Concat(Overlaps(data, random))];
            random.Shuffle(data);
        }

        tracked.Feed(wire, wire.Log.Take(2)).Feed(wire, data, stepNs: 1).Flush();
        Assert.Equal(0, tracked.Tracker.Stats.Gaps);
        return tracked.Json;
    }

    // The end of one segment and the beginning of the next, sent as one again.
    private static IEnumerable<Sent> Overlaps(Sent[] data, Random random)
    {
        for (int i = 0; i + 1 < data.Length; i++)
        {
            Sent a = data[i],
                b = data[i + 1];
            if (a.FromClient == b.FromClient && random.Next(3) == 0)
            {
                int from = random.Next(a.Payload.Length),
                    to = random.Next(b.Payload.Length);
                byte[] both = [.. a.Payload[from..], .. b.Payload[..to]];
                yield return a with
                {
                    Sequence = a.Sequence + (uint)from,
                    Payload = both,
                    Length = both.Length,
                };
            }
        }
    }

    private static string WithoutTimes(string json) =>
        System.Text.RegularExpressions.Regex.Replace(json, "\"(start|durationNs|timeToFirstByteNs)\":[^,]*,", "");
}
