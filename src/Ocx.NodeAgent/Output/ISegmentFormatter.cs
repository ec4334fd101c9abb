using System.Buffers;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Output;

/// <summary>Turns segments into UTF-8 lines. Used by one thread at a time.</summary>
internal interface ISegmentFormatter
{
    /// <summary>Takes a segment and appends its lines.</summary>
    void Format(in CapturedSegment segment, IBufferWriter<byte> output);
}
