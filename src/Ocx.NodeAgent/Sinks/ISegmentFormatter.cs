using System.Buffers;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Sinks;

/// <summary>Turns segments into UTF-8 lines. Used by one thread at a time.</summary>
internal interface ISegmentFormatter
{
    /// <summary>Takes a segment and appends the lines that it completes.</summary>
    void Format(in CapturedSegment segment, IBufferWriter<byte> output);

    /// <summary>Some time has passed: appends what is due without a further segment.</summary>
    void Tick(IBufferWriter<byte> output)
    {
    }

    /// <summary>There are no more segments: appends what was held back.</summary>
    void Finish(IBufferWriter<byte> output)
    {
    }
}
