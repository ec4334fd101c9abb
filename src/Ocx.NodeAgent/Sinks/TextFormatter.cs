using System.Buffers;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Sinks;

/// <summary>What a person reads: each segment, and after the one that ends a call a line about the call.</summary>
internal sealed class TextFormatter(TextSegmentFormatter segments, CallFormatter calls) : ISegmentFormatter
{
    /// <inheritdoc/>
    public void Format(in CapturedSegment segment, IBufferWriter<byte> output)
    {
        segments.Format(segment, output);
        calls.Format(segment, output);
    }

    /// <inheritdoc/>
    public void Tick(IBufferWriter<byte> output) => calls.Tick(output);

    /// <inheritdoc/>
    public void Finish(IBufferWriter<byte> output) => calls.Finish(output);
}
