using System.Text.Json;

namespace Ocx.Mcp.Tests.Calls;

/// <summary>The time of day may be set while calls are open: records show it, and nothing else goes by it.</summary>
public class ClockTests
{
    private const long Second = 1_000_000_000;
    private const long Day = 86_400 * Second;
    private const long Noon = 1_700_000_000 * Second;

    [Theory]
    [InlineData(Day)]
    [InlineData(-Day)]
    public void A_step_of_the_clock_expires_nothing_and_changes_no_duration(long step)
    {
        Tracked tracked = new();
        long monotonic = 1000 * Second,
            day = Noon;
        Wire open = new(),
            held = new(40001),
            next = new(40002);
        open.Open().FromClient(Peer.Post(Peer.Call(1, "open")));
        held.Open().FromClient(Peer.Post(Peer.Call(2, "held"))).FromServer(Peer.Ok(Peer.Result(2)), split: 100);
        Feed(open, open.Log);
        Feed(held, [.. held.Log.Take(3), .. held.Log.Skip(4)]);

        day += step;
        Pass(2 * Second);
        Feed(held, [held.Log[3]]); // two seconds late, and still waited for
        open.Log.Clear();
        Feed(open, open.FromServer(Peer.Ok(Peer.Result(1))).Log);
        Feed(next, next.Open().FromClient(Peer.Post(Peer.Call(3, "next"))).FromServer(Peer.Ok(Peer.Result(3))).Log);

        Assert.Equal(["tools/call held ok", "tools/call open ok", "tools/call next ok"], tracked.Summary);
        Assert.Equal((0, 0), (tracked.Tracker.Stats.Gaps, tracked.Tracker.Stats.IdleConnections));
        JsonElement[] calls = [.. tracked.Json.Select(json => JsonDocument.Parse(json).RootElement)];
        Assert.All(
            calls[..2],
            call => Assert.InRange(call.GetProperty("durationNs").GetInt64(), 2 * Second, 3 * Second)
        );
        Assert.All(calls[..2], call => Assert.Equal(Date(Noon), call.GetProperty("start").GetDateTime().Date));
        Assert.Equal(Date(Noon + step), calls[2].GetProperty("start").GetDateTime().Date);

        void Pass(long ns)
        {
            (monotonic, day) = (monotonic + ns, day + ns);
            tracked.Tracker.Tick(monotonic);
        }

        void Feed(Wire wire, List<Sent> log)
        {
            foreach (Sent sent in log)
            {
                Pass(1000);
                tracked.Tracker.Accept(wire.At(sent, day) with { MonotonicNs = monotonic });
            }
        }
    }

    private static DateTime Date(long unixNs) => DateTime.UnixEpoch.AddTicks(unixNs / 100).Date;
}
