namespace Ocx.NodeAgent.Capture;

/// <summary>Takes segments and lets them go: the agent counts only.</summary>
internal sealed class DiscardingSink : SegmentSink
{
    /// <inheritdoc/>
    public override void Accept(in CapturedSegment segment) { }

    /// <inheritdoc/>
    public override void EndOfBatch() { }
}
