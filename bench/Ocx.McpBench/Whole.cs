using System.Diagnostics;
using Ocx.Mcp;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;

namespace Ocx.McpBench;

/// <summary>The whole way of a session's messages, from segments to calls.</summary>
internal static class Whole
{
    private const int Passes = 5;

    /// <summary>Several passes, each with a new tracker that must find every call.</summary>
    /// <returns>Messages per second, and the bytes that are allocated for each.</returns>
    public static (double Rate, double Allocated) Measure(Session session, PayloadMode payload)
    {
        long allocated = 0,
            ticks = 0;
        for (int pass = 0; pass < Passes; pass++)
        {
            var sink = new CountingSink();
            var tracker = new McpTracker(new McpOptions { Payload = payload }, sink);
            long before = GC.GetAllocatedBytesForCurrentThread(),
                now = 1_700_000_000_000_000_000;
            long start = Stopwatch.GetTimestamp();
            foreach (ref readonly Segment segment in session.Segments)
            {
                tracker.Accept(segment.AsCaptured(now += 10_000));
            }

            tracker.Flush(now);
            ticks += Stopwatch.GetTimestamp() - start;
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            int calls = session.Segments.Length / 2;
            if (sink.Ok != calls)
            {
                throw new InvalidOperationException($"found {sink.Ok} of {calls} calls");
            }
        }

        double messages = (double)session.Segments.Length * Passes;
        return (messages * Stopwatch.Frequency / ticks, allocated / messages);
    }

    private sealed class CountingSink : IMcpSink
    {
        public int Ok { get; private set; }

        public void OnCall(CallRecord record) =>
            Ok += record.Status == CallStatus.Ok && record.Name == "search_documents" ? 1 : 0;

        public void OnUnreadable(in UnreadableConnection connection) { }
    }
}
