namespace Ocx.NodeAgent.Capture;

/// <summary>
/// Takes segments from a <see cref="SegmentHandoff"/>, on its thread: it may block, and costs no one else but its own
/// segments.
/// </summary>
internal interface ISegmentConsumer
{
    /// <summary>Takes a segment. Its memory is lent for the duration of the call.</summary>
    void Accept(in CapturedSegment segment);

    /// <summary>What came together is over: what was held back to be handed on in one piece should go.</summary>
    void EndOfBlock() { }

    /// <summary>Some time has passed: a quarter of a second, or more where a block took longer.</summary>
    void Tick() { }

    /// <summary>There are no more segments.</summary>
    void Finish() { }
}
