using Ocx.Gate.Packets;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Holding;

/// <summary>How a connection is treated.</summary>
internal enum ConnectionState
{
    /// <summary>It is older than the gate: it is followed from its next request on.</summary>
    Joining,

    /// <summary>All of it is read.</summary>
    Followed,

    /// <summary>It cannot be read, and passes.</summary>
    Ignored,

    /// <summary>The gate speaks to the client in the server's place, and the server knows of its end.</summary>
    Closing,

    /// <summary>It is over: what still comes meets no socket.</summary>
    Over,
}

/// <summary>One TCP connection of a client with a server behind the gate.</summary>
internal sealed class GateConnection
{
    // What a client may send ahead of what is held of it.
    private const int PromisedWindow = 256 << 10;

    private readonly Gatekeeper _keeper;

    /// <summary>One that was just seen.</summary>
    /// <param name="client">The client's end.</param>
    /// <param name="server">The server's end.</param>
    /// <param name="keeper">Whose it is.</param>
    /// <param name="budget">What it may hold.</param>
    public GateConnection(IpEndpoint client, IpEndpoint server, Gatekeeper keeper, MemoryBudget budget)
    {
        (Client, Server, _keeper, Budget) = (client, server, keeper, budget);
        (Calls, Answers) = (new CallFlow(this, keeper), new AnswerFlow(this, keeper));
    }

    /// <summary>The client's end.</summary>
    public IpEndpoint Client { get; }

    /// <summary>The server's end.</summary>
    public IpEndpoint Server { get; }

    /// <summary>What it holds, in bytes, and how much it may.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>What the client sends.</summary>
    public CallFlow Calls { get; }

    /// <summary>What the server sends.</summary>
    public AnswerFlow Answers { get; }

    /// <summary>How it is treated.</summary>
    public ConnectionState State { get; set; }

    /// <summary>Its bytes are read.</summary>
    public bool IsFollowed => State == ConnectionState.Followed;

    /// <summary>Its bytes pass unread.</summary>
    public bool IsIgnored => State == ConnectionState.Ignored;

    /// <summary>Its requests that are not answered yet, in their order.</summary>
    public List<Request> Requests { get; } = [];

    /// <summary>What the client gets in the server's place, in <see cref="ConnectionState.Closing"/>.</summary>
    public LastReply? Reply { get; set; }

    /// <summary>When its first packet came by, monotonic nanoseconds.</summary>
    public long Since { get; init; }

    /// <summary>
    /// It was met in its middle: its client may be one whose packets were lost, and sends one at a time until it is
    /// acknowledged (RFC 5681, 3.1).
    /// </summary>
    public bool IsJoined { get; set; }

    /// <summary>
    /// It was met in its middle, at what looks like a request, and no answer has shown yet that the server sees one
    /// there too. It could be a part of a longer one: then no answer comes, and all that follows is read wrongly.
    /// </summary>
    public bool IsOnTrial { get; set; }

    /// <summary>It is counted as one that is older than the gate.</summary>
    public bool IsCounted { get; set; }

    /// <summary>When its newest packet came, monotonic nanoseconds.</summary>
    public long LastSeen { get; set; }

    /// <summary>It uses timestamps (RFC 7323).</summary>
    public bool HasTimestamps { get; private set; }

    /// <summary>Notes what packets of the gate's own need to know.</summary>
    public void Note(in TcpPacket tcp, bool isCall)
    {
        if (tcp.Flags.HasFlag(TcpFlags.Syn))
        {
            (isCall ? (Flow)Answers : Calls).At.WindowShift = tcp.WindowShift;
        }

        if (tcp.TryGetTimestamps(out uint value, out uint echo))
        {
            HasTimestamps = true;
            (Direction from, Direction to) = isCall ? (Calls.At, Answers.At) : (Answers.At, Calls.At);
            from.Timestamp = value;
            if (to.Timestamp == 0)
            {
                // Nothing of the other end came by yet: what its peer has seen of its clock. Older packets than that
                // are thrown away (RFC 7323, 5).
                to.Timestamp = echo;
            }
        }
    }

    /// <summary>
    /// Acknowledges what is held of the client's bytes in the server's place, so that the client goes on, and does not
    /// send them again.
    /// </summary>
    public void Promise()
    {
        Calls.At.Promised = Calls.At.Read;
        TcpReply reply = ToClient(Answers.At.SequenceOf(Answers.At.Passed)) with
        {
            Acknowledgment = Calls.At.SequenceOf(Calls.At.Read),
            Window = (ushort)Math.Min(ushort.MaxValue, PromisedWindow >> Calls.At.WindowShift),
        };
        Write(reply, ReplyKind.Data, []);
    }

    /// <summary>Sends bytes to the client in the server's name.</summary>
    public void SendToClient(long offset, ReadOnlySpan<byte> bytes, bool fin) =>
        Send(ToClient(Answers.At.SequenceOf(offset)), bytes, fin);

    /// <summary>Sends bytes to the server in the client's name.</summary>
    public void SendToServer(long offset, ReadOnlySpan<byte> bytes, bool fin) =>
        Send(ToServer(Calls.At.SequenceOf(offset)), bytes, fin);

    /// <summary>Breaks it off at the server.</summary>
    public void ResetServer() => Write(ToServer(Calls.At.SequenceOf(Calls.At.Passed)), ReplyKind.Reset, []);

    /// <summary>Breaks it off at the client.</summary>
    public void ResetClient() => Write(ToClient(Answers.At.SequenceOf(Answers.At.Passed)), ReplyKind.Reset, []);

    /// <summary>
    /// Has both ends say where they are, by a packet of no bytes that lies behind them (RFC 9293, 3.10.7.4). An end
    /// that did not believe a reset, as it was at another place (RFC 5961, 3.2), says it to a peer that is gone, and
    /// is reset by that peer's machine.
    /// </summary>
    public void Probe()
    {
        Write(ToClient(Answers.At.SequenceOf(Answers.At.Passed) - 1), ReplyKind.Data, []);
        Write(ToServer(Calls.At.SequenceOf(Calls.At.Passed) - 1), ReplyKind.Data, []);
    }

    /// <summary>A packet to the client in the server's name.</summary>
    public TcpReply ToClient(uint sequence) =>
        new()
        {
            Source = Server,
            Destination = Client,
            Sequence = sequence,
            Acknowledgment = Calls.At.SequenceOf(Calls.At.Passed),
            Window = ushort.MaxValue,
            HasTimestamps = HasTimestamps,
            Timestamp = Answers.At.Timestamp,
            TimestampEcho = Calls.At.Timestamp,
        };

    /// <summary>Sends one packet.</summary>
    public void Write(in TcpReply reply, ReplyKind kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> packet = stackalloc byte[TcpReply.LongestHeaders + TcpReply.SafePayload];
        _keeper.Exits.Send(packet[..reply.Write(packet, kind, payload)]);
    }

    private TcpReply ToServer(uint sequence) =>
        new()
        {
            Source = Client,
            Destination = Server,
            Sequence = sequence,
            Acknowledgment = Answers.At.SequenceOf(Answers.At.Passed),
            Window = ushort.MaxValue,
            HasTimestamps = HasTimestamps,
            Timestamp = Calls.At.Timestamp,
            TimestampEcho = Answers.At.Timestamp,
        };

    private void Send(TcpReply reply, ReadOnlySpan<byte> bytes, bool fin)
    {
        do
        {
            ReadOnlySpan<byte> piece = bytes[..Math.Min(bytes.Length, TcpReply.SafePayload)];
            bytes = bytes[piece.Length..];
            Write(reply, fin && bytes.IsEmpty ? ReplyKind.LastData : ReplyKind.Data, piece);
            reply = reply with { Sequence = unchecked(reply.Sequence + (uint)piece.Length) };
        } while (!bytes.IsEmpty);
    }
}
