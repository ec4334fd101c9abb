namespace Ocx.NodeAgent.Capture;

/// <summary>
/// Where captured segments go: the seam between the capture and all that understands, prints or judges what was
/// captured. Both methods run on the capture thread, in the order of the ring; they neither block nor allocate per
/// segment. It is a class and no interface because a call through an interface costs more, and there is one a record.
/// </summary>
internal abstract class SegmentSink
{
    /// <summary>Takes a segment. Its memory is lent for the duration of the call.</summary>
    public abstract void Accept(in CapturedSegment segment);

    /// <summary>The ring is empty for now: what was held back to be handed on in one piece should go.</summary>
    public abstract void EndOfBatch();
}
