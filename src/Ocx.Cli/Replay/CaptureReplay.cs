using System.Buffers;
using System.Text.Json;
using Ocx.Cli.Calls;
using Ocx.Cli.Pcap;
using Ocx.Mcp;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;
using Ocx.Text;

namespace Ocx.Cli.Replay;

/// <summary>Runs the packets of a capture file through the parser, by the file's own clock.</summary>
internal sealed class CaptureReplay : IMcpSink
{
    private const long TickNs = 100_000_000;

    // A pause that a capture hardly has. A longer one is believed when the next packet agrees with it.
    private const long LongestPauseNs = 24 * 3_600_000_000_000;

    private readonly Action<RecordedCall> _onCall;
    private readonly IReadOnlyList<ushort> _ports;
    private readonly SkippedLines _skipped;
    private readonly McpTracker _tracker;
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly long[] _kinds = new long[Enum.GetValues<PacketKind>().Length];
    private long _now;
    private long _doubted;
    private long _ticked;

    /// <summary>A replay that tells of each call; without ports, of those on all ports.</summary>
    public CaptureReplay(IReadOnlyList<ushort> ports, Action<RecordedCall> onCall, SkippedLines skipped)
    {
        (_ports, _onCall, _skipped) = (ports, onCall, skipped);
        _tracker = new McpTracker(new McpOptions(), this);
    }

    /// <summary>Packets read.</summary>
    public long Packets { get; private set; }

    /// <summary>What the parser counted.</summary>
    public McpStats Stats => _tracker.Stats;

    /// <summary>Packets of a kind.</summary>
    public long this[PacketKind kind] => _kinds[(int)kind];

    /// <summary>Takes a packet.</summary>
    public void Accept(in CapturedPacket packet)
    {
        Packets++;
        PacketKind kind = SegmentParser.Parse(packet, out TcpSegment segment);
        _kinds[(int)kind]++;
        Advance(packet.TimestampUnixNs);
        if (
            kind == PacketKind.Segment
            && (_ports.Count == 0 || _ports.Contains(segment.Source.Port) || _ports.Contains(segment.Destination.Port))
        )
        {
            _tracker.Accept(segment);
        }

        if (_now - _ticked >= TickNs)
        {
            _ticked = _now;
            _tracker.Tick(_now);
        }
    }

    // One packet with a time far in the future would let every open call expire.
    private void Advance(long time)
    {
        bool believed = _now == 0 || time - _now <= LongestPauseNs || Math.Abs(time - _doubted) <= LongestPauseNs;
        (_now, _doubted) = believed ? (Math.Max(_now, time), 0) : (_now, time);
    }

    /// <summary>The file is over: tells of the calls without an answer.</summary>
    public void Finish() => _tracker.Flush(_now);

    /// <inheritdoc/>
    public void OnCall(CallRecord record)
    {
        _json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_json, WireJson.WriterOptions))
        {
            CallRecordWriter.Write(writer, record);
        }

        // As an agent's line would be read: a record has one form.
        if (RecordedCall.TryRead(_json.WrittenSpan.ToArray(), out RecordedCall? call))
        {
            _onCall(call);
        }
        else
        {
            _skipped.Add();
        }
    }

    /// <inheritdoc/>
    public void OnUnreadable(in UnreadableConnection connection)
    {
        // They are part of the counts.
    }
}
