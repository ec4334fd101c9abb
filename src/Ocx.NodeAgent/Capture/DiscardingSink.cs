namespace Ocx.NodeAgent.Capture;

/// <summary>Takes segments and lets them go: the agent counts only.</summary>
internal sealed class DiscardingSink : ISegmentSink
{
    /// <inheritdoc/>
    public void Accept(in CapturedSegment segment) { }

    /// <inheritdoc/>
    public void EndOfBatch() { }
}
