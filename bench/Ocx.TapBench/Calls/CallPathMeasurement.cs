using System.Diagnostics;
using Ocx.Bpf;
using Ocx.Mcp.Records;
using Ocx.McpBench;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Options;
using Ocx.TapBench.Reporting;
using Ocx.TapBench.Ring;

namespace Ocx.TapBench.Calls;

/// <summary>
/// The whole way from the kernel to the call record: real packets of MCP calls through a veth, without a pause, into
/// the filter, the ring, the agent's reader and its follower of calls, which prints nothing. Packets come from CPU 0,
/// the agent's two threads run on CPU 1.
/// </summary>
internal static class CallPathMeasurement
{
    private const int Rounds = 5,
        CallsPerPass = 10_000,
        GeneratorCpu = 0,
        AgentCpu = 1;
    private const string Interface = "ring0";
    private static readonly TimeSpan s_flood = TimeSpan.FromSeconds(2);

    public static IEnumerable<BenchRow> Run()
    {
        var session = new Session(CallsPerPass);
        var rounds = Enumerable.Range(0, Rounds).Select(_ => Measure(new CallFrames(session))).ToList();
        yield return new BenchRow
        {
            Name = "calls, kernel to record",
            PayloadBytes = (int)(session.Bytes / session.Segments.Length),
            EventsPerSecond = rounds.Select(round => round.Segments).Median(),
            DroppedShare = rounds.Select(round => round.Dropped).Median(),
            Value = rounds.Select(round => round.Calls).Median(),
            Unit = "calls/s",
            Note = $"{rounds.Select(round => round.Found).Median():P1} of the calls sent were found whole",
        };
    }

    private static (double Segments, double Calls, double Dropped, double Found) Measure(CallFrames frames)
    {
        var options = new AgentOptions { Interfaces = [Interface], Events = EventFormat.Calls };
        using Tap tap = Tap.Load(options);
        using var packets = new VethSource(tap.Program, [], LinkTable.IndexOf(Interface));
        var whole = new WholeCalls();
        var follower = new SegmentHandoff(
            "ocx-calls",
            new CallFollower(new MonotonicClock(), new(), whole),
            CallFollower.Gather
        );
        using var loop = new CaptureLoop(tap, follower);

        // The threads inherit where they run.
        Native.Pin(AgentCpu);
        Task following = follower.RunAsync(CancellationToken.None);
        loop.Start();
        Native.Pin(GeneratorCpu);

        long sent = 0;
        long start = Stopwatch.GetTimestamp();
        for (; Stopwatch.GetElapsedTime(start) < s_flood; sent += frames.Count)
        {
            frames.SendAll(packets);
        }

        double flood = Stopwatch.GetElapsedTime(start).TotalSeconds;
        loop.DrainAsync().GetAwaiter().GetResult();
        follower.Complete();
        following.GetAwaiter().GetResult();
        double all = Stopwatch.GetElapsedTime(start).TotalSeconds;
        TapCounters counters = tap.ReadCounters();
        double dropped = (counters.Dropped + follower.Shed) / (double)counters.Filtered;
        return (loop.Records / flood, whole.Count / all, dropped, 2.0 * whole.Count / sent);
    }

    private sealed class WholeCalls : ICallObserver
    {
        public long Count { get; private set; }

        public void OnCall(CallRecord call) => Count += call.Completeness == CallCompleteness.Complete ? 1 : 0;
    }
}
