using System.Buffers;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Output;

/// <summary>
/// Prints segments to a stream, a block of them at a time. The stream may hold up the thread that it runs on, and
/// nobody else.
/// </summary>
internal sealed class SegmentPrinter(ISegmentFormatter formatter, Stream stream) : ISegmentConsumer
{
    private readonly ArrayBufferWriter<byte> _text = new();

    /// <inheritdoc/>
    public void Accept(in CapturedSegment segment) => formatter.Format(segment, _text);

    /// <inheritdoc/>
    public void EndOfBlock()
    {
        if (_text.WrittenCount > 0)
        {
            stream.Write(_text.WrittenSpan);
            _text.ResetWrittenCount();
        }
    }

    /// <inheritdoc/>
    public void Finish() => stream.Flush();
}
