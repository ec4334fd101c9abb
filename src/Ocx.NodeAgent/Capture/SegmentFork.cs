namespace Ocx.NodeAgent.Capture;

/// <summary>Two sinks that take each segment, one after the other: neither waits for the other.</summary>
internal sealed class SegmentFork(SegmentSink first, SegmentSink second) : SegmentSink
{
    /// <inheritdoc/>
    public override void Accept(in CapturedSegment segment)
    {
        first.Accept(segment);
        second.Accept(segment);
    }

    /// <inheritdoc/>
    public override void EndOfBatch()
    {
        first.EndOfBatch();
        second.EndOfBatch();
    }
}
