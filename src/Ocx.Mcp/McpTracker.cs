using Ocx.Mcp.Buffers;
using Ocx.Mcp.Http;
using Ocx.Mcp.JsonRpc;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Redaction;
using Ocx.Mcp.Streams;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp;

/// <summary>
/// From captured TCP segments to MCP calls. Feed segments as they are captured, let time pass with <see cref="Tick"/> a
/// few times a second, and <see cref="Flush"/> at the end. One thread; nothing is allocated for a segment in steady
/// state.
/// </summary>
public sealed class McpTracker
{
    private readonly ConnectionTable _connections;
    private readonly MemoryBudget _budget;
    private readonly McpCounters _counters = new();
    private readonly OpenCalls _calls;
    private readonly ToolInventory _inventory;
    private readonly DecodeBudget _decoding;
    private readonly SessionTable _sessions;

    /// <summary>A tracker that reports to <paramref name="sink"/>.</summary>
    /// <exception cref="ArgumentException">A redaction path or pattern is not valid.</exception>
    public McpTracker(McpOptions options, IMcpSink sink)
    {
        ArgumentNullException.ThrowIfNull(options);
        _budget = new MemoryBudget(options.MaxMemoryBytes);
        _decoding = new DecodeBudget(options.Decoding);
        var strings = new Utf8StringCache();
        _calls = new OpenCalls(options, _budget, _counters, sink);
        _sessions = new SessionTable(options.MaxSessions, _budget, _counters, _calls);
        _inventory = new ToolInventory(_budget);
        var redactor = new Redactor(options.Redaction);
        var payloads = new Payloads(options, redactor, _counters);
        var handshakes = new Handshakes(_sessions, redactor);
        var lookup = new CallLookup(_calls);
        var tasks = new TaskFollower(_calls, payloads, redactor);
        var messages = new MessageHandler(
            new JsonRpcParser(strings),
            new RequestHandler(
                redactor,
                payloads,
                new HeaderCheck(new JsonValues(strings)),
                _inventory,
                handshakes,
                tasks,
                _calls
            ),
            new NotificationHandler(lookup, tasks, _calls),
            new AnswerHandler(
                options,
                redactor,
                payloads,
                _inventory,
                handshakes,
                lookup,
                tasks,
                _calls,
                _counters,
                _budget
            ),
            _counters
        );
        var shared = new McpShared(
            options,
            _budget,
            strings,
            _counters,
            _sessions,
            handshakes,
            new LegacyStreams(),
            _calls,
            messages,
            _decoding,
            sink
        );
        _connections = new ConnectionTable(
            options.Reassembly,
            _budget,
            connection => new McpConnection(connection.Ends, shared)
        );
    }

    /// <summary>Counts since the start.</summary>
    public McpStats Stats
    {
        get
        {
            ReassemblyCounters tcp = _connections.Counters;
            return new McpStats
            {
                Segments = tcp.Segments,
                Bytes = tcp.Bytes,
                Syns = tcp.Syns,
                Connections = tcp.Connections,
                OpenConnections = _connections.Count,
                Translations = tcp.Translations,
                Duplicates = tcp.Duplicates,
                OutOfOrder = tcp.OutOfOrder,
                Gaps = tcp.Gaps,
                GapBytes = tcp.GapBytes,
                Strays = tcp.Strays,
                ShedConnections = tcp.ShedConnections,
                IdleConnections = tcp.IdleConnections,
                ShedSegments = tcp.ShedSegments,
                ShedCalls = _counters.ShedCalls,
                UnreadRequests = _counters.UnreadRequests,
                ShedPayloads = _counters.ShedPayloads,
                ShedSessions = _counters.ShedSessions,
                HeldBytes = _budget.Used,
                Tls = _counters.Tls,
                Http2 = _counters.Http2,
                Upgraded = _counters.Upgraded,
                UnknownStreams = _counters.UnknownStreams,
                HttpLost = _counters.HttpLost,
                Undecodable = _counters.Undecodable,
                DecodeLimited = _counters.DecodeLimited,
                ParsedBytes = _counters.ParsedBytes,
                DecodedBytes = _decoding.Decoded,
                Oversize = _counters.Oversize,
                MalformedJson = _counters.MalformedJson,
                TooDeepJson = _counters.TooDeepJson,
                Messages = _counters.Messages,
                Notifications = _counters.Notifications,
                Orphans = _counters.Orphans,
                Calls = _counters.Calls,
                HeaderMismatches = _counters.HeaderMismatches,
            };
        }
    }

    /// <summary>Takes one segment; calls that it finishes are reported before this returns.</summary>
    public void Accept(in TcpSegment segment)
    {
        _calls.Now = segment.MonotonicNs;
        _calls.WallClockOffset = segment.TimestampUnixNs - segment.MonotonicNs;
        _connections.Accept(segment);
    }

    /// <summary>Lets time pass: holes, idle connections and calls that wait for too long are given up.</summary>
    /// <param name="now">The clock of the segments' <see cref="TcpSegment.MonotonicNs"/>, in nanoseconds.</param>
    public void Tick(long now)
    {
        _connections.Tick(now);
        _calls.Tick(now);
    }

    /// <summary>
    /// The capture is over: delivers what is held and reports the calls without an answer as unpaired.
    /// </summary>
    /// <param name="now">The clock of the segments' <see cref="TcpSegment.MonotonicNs"/>, in nanoseconds.</param>
    public void Flush(long now)
    {
        _connections.Flush(now);
        _calls.Flush(now);
        _sessions.Clear();
        _inventory.Clear();
    }
}
