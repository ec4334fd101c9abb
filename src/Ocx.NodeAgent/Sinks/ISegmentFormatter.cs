using System.Buffers;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Sinks;

/// <summary>Writes a segment as bytes of UTF-8 text that end in a line feed.</summary>
internal interface ISegmentFormatter
{
    /// <summary>Appends the segment's text.</summary>
    void Format(in CapturedSegment segment, IBufferWriter<byte> output);
}
