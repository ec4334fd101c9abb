using System.Net;
using Ocx.Mcp.Tcp;
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
    TcpFlags Flags,
    byte[] Payload
)
{
    public static Segment CopyOf(in CapturedSegment segment) =>
        new(
            segment.Source,
            segment.Destination,
            segment.InterfaceIndex,
            segment.IsOutgoing,
            segment.IsTruncated,
            segment.Sequence,
            segment.Length,
            (TcpFlags)segment.TcpFlags,
            segment.Payload.ToArray()
        );
}
