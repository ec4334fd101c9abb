using System.Buffers;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Sinks;

/// <summary>Formatters that see each segment one after the other: segments are printed, and calls followed beside it.</summary>
internal sealed class FormatterSequence(params ISegmentFormatter[] formatters) : ISegmentFormatter
{
    /// <inheritdoc/>
    public void Format(in CapturedSegment segment, IBufferWriter<byte> output)
    {
        foreach (ISegmentFormatter formatter in formatters)
        {
            formatter.Format(segment, output);
        }
    }

    /// <inheritdoc/>
    public void Tick(IBufferWriter<byte> output)
    {
        foreach (ISegmentFormatter formatter in formatters)
        {
            formatter.Tick(output);
        }
    }

    /// <inheritdoc/>
    public void Finish(IBufferWriter<byte> output)
    {
        foreach (ISegmentFormatter formatter in formatters)
        {
            formatter.Finish(output);
        }
    }
}
