using System.Buffers;
using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ocx.Mcp.Calls;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Sinks;

/// <summary>Follows the MCP calls in the segments; counts each when it is over, and writes it as one JSON object a line. See docs/mcp.md.</summary>
internal sealed class CallFormatter : ISegmentFormatter, IMcpSink
{
    // A line in a log or a pipe, never part of a page: '<' and non-ASCII letters stay readable.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly MonotonicClock _clock;
    private readonly CallTally _tally;
    private readonly McpTracker _tracker;

    /// <summary>Creates the formatter; redaction of credentials is always on.</summary>
    public CallFormatter(MonotonicClock clock, McpOptions options, CallTally tally)
    {
        _clock = clock;
        _tally = tally;
        _tracker = new McpTracker(options, this);
    }

    /// <inheritdoc/>
    public void Format(in CapturedSegment segment, IBufferWriter<byte> output)
    {
        _tracker.Accept(new TcpSegment
        {
            TimestampUnixNs = _clock.ToUnixNs(segment.MonotonicNs),
            Source = IpEndpoint.From(segment.SourceAddress, segment.SourcePort),
            Destination = IpEndpoint.From(segment.DestinationAddress, segment.DestinationPort),
            Sequence = segment.Sequence,
            Acknowledgment = segment.Acknowledgment,
            Flags = (TcpFlags)segment.TcpFlags,
            Length = segment.Length,
            Payload = segment.Payload,
        });
        MoveTo(output);
    }

    /// <inheritdoc/>
    public void Tick(IBufferWriter<byte> output)
    {
        _tracker.Tick(Now());
        MoveTo(output);
    }

    /// <inheritdoc/>
    public void Finish(IBufferWriter<byte> output)
    {
        _tracker.Flush(Now());
        MoveTo(output);
    }

    /// <inheritdoc/>
    public void OnCall(CallRecord record)
    {
        _tally.Add(record);
        using (var json = new Utf8JsonWriter(_lines, s_options))
        {
            CallRecordWriter.Write(json, record);
        }
        _lines.Write("\n"u8);
    }

    /// <inheritdoc/>
    public void OnUnreadable(in UnreadableConnection connection)
    {
        // It is no call; the tracker counts it.
    }

    private long Now() => _clock.ToUnixNs(Stopwatch.GetTimestamp());

    private void MoveTo(IBufferWriter<byte> output)
    {
        output.Write(_lines.WrittenSpan);
        _lines.ResetWrittenCount();
    }
}
