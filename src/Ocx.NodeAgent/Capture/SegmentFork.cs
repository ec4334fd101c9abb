namespace Ocx.NodeAgent.Capture;

/// <summary>Two sinks that take each segment, one after the other: neither waits for the other.</summary>
internal sealed class SegmentFork(ISegmentSink first, ISegmentSink second) : ISegmentSink
{
    /// <inheritdoc/>
    public void Accept(in CapturedSegment segment)
    {
        first.Accept(segment);
        second.Accept(segment);
    }

    /// <inheritdoc/>
    public void EndOfBatch()
    {
        first.EndOfBatch();
        second.EndOfBatch();
    }
}
