using System.Net;
using Ocx.NodeAgent.Capture;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>A captured segment, copied out of the ring.</summary>
internal sealed record Segment(
    IPEndPoint Source,
    IPEndPoint Destination,
    int InterfaceIndex,
    bool IsOutgoing,
    bool IsTruncated,
    uint Sequence,
    int Length,
    byte[] Payload)
{
    public static Segment CopyOf(in CapturedSegment segment) => new(
        segment.Source, segment.Destination, segment.InterfaceIndex, segment.IsOutgoing, segment.IsTruncated,
        segment.Sequence, segment.Length, segment.Payload.ToArray());
}
