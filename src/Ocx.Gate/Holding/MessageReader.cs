using Ocx.Audit.Link;
using Ocx.Audit.Wire;
using Ocx.Gate.Asking;
using Ocx.Gate.Packets;
using Ocx.Mcp;
using Ocx.Mcp.Pairing;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Holding;

/// <summary>Reads the messages of all connections, and tells the gatekeeper of the calls in them.</summary>
internal sealed class MessageReader : IMcpSink
{
    // What is asked of the auditor about one call's arguments, in bytes.
    private const int LongestArguments = 256 << 10;

    private readonly Gatekeeper _keeper;
    private readonly McpTracker _tracker;
    private GateConnection? _reading;
    private Request? _readingRequest;
    private bool _isNoHttp;
    private long _now;

    /// <summary>One that has read nothing yet.</summary>
    /// <param name="bounds">How much it may keep.</param>
    /// <param name="keeper">Who is told.</param>
    public MessageReader(KeeperBounds bounds, Gatekeeper keeper)
    {
        _keeper = keeper;
        _tracker = new McpTracker(
            new McpOptions
            {
                CallKeys = bounds.Keys,
                AuditedMethods = bounds.Methods,
                IsAudited = MayBeAudited,
                MaxPayloadBytes = 0, // no result is told of, and of arguments those of audited calls
                MaxAuditedBytes = LongestArguments,
                MaxMessageBytes = bounds.LongestRequest,
                MaxMemoryBytes = bounds.MaxParserBytes,
            },
            this
        );
    }

    /// <summary>What the parser counted.</summary>
    public McpStats Stats => _tracker.Stats;

    /// <summary>Reads bytes of a connection; false when it is found not to be HTTP.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isCall">They come from its client.</param>
    /// <param name="offset">Where they stand in their direction.</param>
    /// <param name="bytes">They are lent.</param>
    /// <param name="now">Monotonic nanoseconds.</param>
    /// <param name="request">The request that they are of; null for a server's bytes.</param>
    public bool TryRead(
        GateConnection connection,
        bool isCall,
        long offset,
        ReadOnlySpan<byte> bytes,
        long now,
        Request? request
    )
    {
        (_reading, _readingRequest, _now, _isNoHttp) = (connection, request, now, false);
        (Direction from, Direction to) = isCall
            ? (connection.Calls.At, connection.Answers.At)
            : (connection.Answers.At, connection.Calls.At);
        long unread = request is null ? 0 : Unread();
        _tracker.Accept(
            new TcpSegment
            {
                TimestampUnixNs = UnixNs(),
                MonotonicNs = now,
                Source = isCall ? connection.Client : connection.Server,
                Destination = isCall ? connection.Server : connection.Client,
                Sequence = from.SequenceOf(offset),
                Acknowledgment = to.IsAnchored ? to.SequenceOf(to.Read) : 0,
                Flags = to.IsAnchored ? TcpFlags.Ack : TcpFlags.None,
                Length = bytes.Length,
                Payload = bytes,
            }
        );
        if (request is not null)
        {
            request.IsUnread |= Unread() > unread;
        }

        Abandon();
        return !_isNoHttp;
    }

    /// <summary>A packet opens, ends or resets a connection.</summary>
    /// <param name="tcp">It.</param>
    /// <param name="now">Monotonic nanoseconds.</param>
    /// <param name="sequence">Its number, where it is not the packet's own.</param>
    public void Note(in TcpPacket tcp, long now, uint? sequence = null) =>
        _tracker.Accept(
            tcp.ToSegment(UnixNs(), now) with
            {
                Sequence = sequence ?? tcp.Sequence,
                Length = 0,
                Payload = [],
            }
        );

    /// <summary>
    /// A connection is read no more: what is known of it is given up, as if its client had reset it. Without that the
    /// calls of a session would wait for an answer on another connection, and a flood of refused ones fill the parser.
    /// </summary>
    /// <param name="connection">It.</param>
    /// <param name="now">Monotonic nanoseconds.</param>
    /// <param name="answer">What its client gets as the answer to the first request that has none, or nothing.</param>
    public void Forget(GateConnection connection, long now, ReadOnlySpan<byte> answer)
    {
        if (!answer.IsEmpty && connection.Answers.At.IsAnchored)
        {
            TryRead(connection, isCall: false, connection.Answers.At.Read, answer, now, null);
        }

        if (connection.Calls.At.IsAnchored)
        {
            _tracker.Accept(
                new TcpSegment
                {
                    TimestampUnixNs = UnixNs(),
                    MonotonicNs = now,
                    Source = connection.Client,
                    Destination = connection.Server,
                    Sequence = connection.Calls.At.SequenceOf(connection.Calls.At.Read),
                    Flags = TcpFlags.Rst,
                    Length = 0,
                    Payload = [],
                }
            );
        }
    }

    /// <summary>Time passes.</summary>
    public void Tick(long now) => _tracker.Tick(now);

    /// <summary>Nothing is read now.</summary>
    public void Abandon() => (_reading, _readingRequest) = (null, null);

    /// <inheritdoc/>
    public void OnOpened(CallRecord record)
    {
        if (_readingRequest is not { } request || record.FromServer)
        {
            return;
        }

        string method = CallMessages.Text(record.Method, AuditBounds.Method),
            tool = CallMessages.Text(record.Name, AuditBounds.Tool);
        if (_keeper.RulesOf(_reading!) is not { } held)
        {
            return;
        }

        request.Found += held.MayHold(method) ? 1 : 0;
        CallRules rules = held.Of(method, tool, record.Annotations);
        if (!rules.IsAudited)
        {
            return;
        }

        request.IsUnread |= record.Completeness != CallCompleteness.Complete;
        var call = new GateCall(record.Key, rules, _now) { Request = request, Connection = _reading! };
        request.Add(call);
        _keeper.Begin(call, CallMessages.Opened(record, null, null, LongestArguments));
    }

    /// <inheritdoc/>
    public void OnAnswering(CallRecord record, long unixNs)
    {
        if (_readingRequest is null && _reading is not null && _keeper.Find(record.Key) is { } call)
        {
            _reading.Answers.NoteAnswer(call);
        }
    }

    /// <inheritdoc/>
    public void OnCall(CallRecord record)
    {
        if (_keeper.Find(record.Key) is { } call)
        {
            _keeper.NoteOver(call);
        }
    }

    /// <inheritdoc/>
    public void OnUnreadable(in UnreadableConnection connection) => _isNoHttp = true;

    // What the server says of a tool changes its class alone.
    private bool MayBeAudited(string method, string tool) =>
        _reading is { } reading && _keeper.RulesOf(reading)?.Of(method, tool, ToolAnnotations.None).IsAudited == true;

    // How much the parser could not read so far, of all that it was given: answers count too.
    private long Unread()
    {
        McpStats stats = Stats;
        return stats.MalformedJson
            + stats.TooDeepJson
            + stats.Oversize
            + stats.Undecodable
            + stats.DecodeLimited
            + stats.UnreadRequests
            + stats.ShedPayloads
            + stats.HttpLost;
    }

    private static long UnixNs() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
}
