using System.Buffers;
using System.Text.Json;
using Ocx.Cli.Calls;
using Ocx.Cli.Exits;
using Ocx.Cli.Pcap;
using Ocx.Cli.Terminals;
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
    private readonly Action<CallRecord>? _onOpened;
    private readonly McpTracker _tracker;
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly long[] _kinds = new long[Enum.GetValues<PacketKind>().Length];
    private long _now;
    private long _doubted;
    private long _ticked;

    /// <summary>A replay that tells of each call; without ports, of those on all ports.</summary>
    /// <param name="ports">The ports; empty for all.</param>
    /// <param name="onCall">Is told of each call that is over.</param>
    /// <param name="skipped">Counts what is no record.</param>
    /// <param name="options">How calls are followed; null for the defaults.</param>
    /// <param name="onOpened">Is told of each request that is complete; null for nobody.</param>
    public CaptureReplay(
        IReadOnlyList<ushort> ports,
        Action<RecordedCall> onCall,
        SkippedLines skipped,
        McpOptions? options = null,
        Action<CallRecord>? onOpened = null
    )
    {
        (_ports, _onCall, _skipped, _onOpened) = (ports, onCall, skipped, onOpened);
        _tracker = new McpTracker(options ?? new McpOptions(), this);
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

    /// <summary>Takes all packets of a file, or of standard input.</summary>
    /// <returns>What is wrong with the file, of which the beginning was read; null when nothing is.</returns>
    /// <exception cref="CliException">It cannot be opened, or is no capture file.</exception>
    public string? Read(Terminal terminal, string path)
    {
        using Stream stream = path == "-" ? terminal.Input : Open(path);
        CaptureReader? reader = null;
        string? damage = null;
        try
        {
            reader = CaptureReader.Open(stream);
            while (reader.TryRead(out CapturedPacket packet))
            {
                Accept(packet);
            }
        }
        catch (CaptureFormatException wrong) when (reader is not null)
        {
            damage = wrong.Message;
        }
        catch (CaptureFormatException wrong)
        {
            throw CliException.CannotStart($"{path}: {wrong.Message}", wrong);
        }

        Finish();
        return damage ?? (reader.IsCut ? "the file ends in the middle of a record: shown is what it held" : null);
    }

    /// <summary>The file is over: tells of the calls without an answer.</summary>
    public void Finish() => _tracker.Flush(_now);

    /// <inheritdoc/>
    public void OnOpened(CallRecord record) => _onOpened?.Invoke(record);

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

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite,
                256 << 10,
                FileOptions.SequentialScan
            );
        }
        catch (Exception wrong)
            when (wrong is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw CliException.CannotStart($"cannot open {path}: {wrong.Message}", wrong);
        }
    }
}
