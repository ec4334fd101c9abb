using System.Buffers;
using Ocx.NodeAgent.Calls;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Sinks;

/// <summary>Hands segments to the follower of calls, and the lines of calls that are over to the output.</summary>
/// <param name="follower">Understands the segments.</param>
/// <param name="lines">One of the follower's observers; null when calls are followed and not printed.</param>
internal sealed class CallFormatter(CallFollower follower, CallLines? lines) : ISegmentFormatter
{
    /// <inheritdoc/>
    public void Format(in CapturedSegment segment, IBufferWriter<byte> output)
    {
        follower.Accept(segment);
        lines?.MoveTo(output);
    }

    /// <inheritdoc/>
    public void Tick(IBufferWriter<byte> output)
    {
        follower.Tick();
        lines?.MoveTo(output);
    }

    /// <inheritdoc/>
    public void Finish(IBufferWriter<byte> output)
    {
        follower.Finish();
        lines?.MoveTo(output);
    }
}
