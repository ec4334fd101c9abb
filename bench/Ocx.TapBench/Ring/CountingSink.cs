using Ocx.NodeAgent.Capture;

namespace Ocx.TapBench.Ring;

/// <summary>Counts the payload bytes that arrive.</summary>
internal sealed class CountingSink : SegmentSink
{
    private ulong _bytes;

    public ulong Bytes => Volatile.Read(ref _bytes);

    public override void Accept(in CapturedSegment segment) => _bytes += (ulong)segment.Payload.Length;

    public override void EndOfBatch() { }
}
