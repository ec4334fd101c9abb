using System.Net;
using Ocx.NodeAgent.Capture;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>What a tap captured and counted from its attach to its detach.</summary>
/// <param name="Segments">What has payload.</param>
/// <param name="Controls">The SYNs, FINs and RSTs without payload.</param>
/// <param name="Counters">The counts.</param>
internal sealed record Capture(IReadOnlyList<Segment> Segments, IReadOnlyList<Segment> Controls, TapCounters Counters)
{
    /// <summary>
    /// Fails unless the stream from one end to the other was captured whole, each byte once and in order. Where TCP
    /// itself was disturbed (<see cref="NetworkNamespace.IsDisturbed"/>) bytes may come again or later, but all must be
    /// there.
    /// </summary>
    public void AssertStream(IPEndPoint source, IPEndPoint destination, ReadOnlySpan<byte> sent, bool disturbed)
    {
        Segment[] segments = [.. Segments.Where(s => s.Source.Equals(source) && s.Destination.Equals(destination))];
        if (disturbed)
        {
            // Sequence numbers wrap: they are compared by their distance (RFC 9293 section 3.4).
            Array.Sort(segments, (a, b) => (int)(a.Sequence - b.Sequence));
        }
        int end = 0;
        foreach (Segment segment in segments)
        {
            int start = (int)(segment.Sequence - segments[0].Sequence);
            Assert.True(start == end || (disturbed && start < end), $"byte {end} was to come, byte {start} came");
            Assert.True(
                start + segment.Payload.Length <= sent.Length
                    && sent.Slice(start, segment.Payload.Length).SequenceEqual(segment.Payload),
                $"{segment.Payload.Length} bytes from {start} on are not what was sent"
            );
            end = Math.Max(end, start + segment.Payload.Length);
        }
        Assert.Equal(sent.Length, end);
    }
}
