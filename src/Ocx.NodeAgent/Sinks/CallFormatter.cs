using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ocx.Mcp.Calls;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Capture;

namespace Ocx.NodeAgent.Sinks;

/// <summary>Follows the MCP calls in the segments; counts each when it is over, and writes it as one line. See docs/mcp.md.</summary>
internal sealed class CallFormatter : ISegmentFormatter, IMcpSink
{
    /// <summary>
    /// How long segments wait for others before calls are read from them. The other formats look up who sent each, and a short-lived process is gone by then.
    /// </summary>
    public static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);

    // A line in a log or a pipe, never part of a page: '<' and non-ASCII letters stay readable.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly MonotonicClock _clock;
    private readonly CallTally _tally;
    private readonly Action<IBufferWriter<byte>, CallRecord> _write;
    private readonly McpTracker _tracker;

    /// <summary>Creates the formatter; redaction of credentials is always on.</summary>
    /// <param name="clock">Tells the time of day of segments.</param>
    /// <param name="options">The tracker's bounds and switches.</param>
    /// <param name="tally">Counts the calls.</param>
    /// <param name="write">Writes a call, without the end of its line: <see cref="WriteJson"/> or <see cref="WriteLine"/>.</param>
    public CallFormatter(MonotonicClock clock, McpOptions options, CallTally tally, Action<IBufferWriter<byte>, CallRecord> write)
    {
        _clock = clock;
        _tally = tally;
        _write = write;
        _tracker = new McpTracker(options, this);
    }

    /// <summary>A JSON object.</summary>
    public static void WriteJson(IBufferWriter<byte> output, CallRecord call)
    {
        using var json = new Utf8JsonWriter(output, s_options);
        CallRecordWriter.Write(json, call);
    }

    /// <summary>When, who, what, how long, how it went and how much, for a person.</summary>
    public static void WriteLine(IBufferWriter<byte> output, CallRecord call) => Encoding.UTF8.GetBytes(CallRecordWriter.ToLine(call), output);

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
        _write(_lines, record);
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
