using System.Diagnostics;
using Ocx.Audit.Wire;
using Ocx.Gate.Asking;
using Ocx.Gate.Counts;
using Ocx.Gate.Packets;
using Ocx.Mcp;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Holding;

/// <summary>
/// Decides on each packet of a server's connections: it passes, or waits for a verdict on the call that it is a part
/// of. One thread's. Times are monotonic, in nanoseconds.
/// </summary>
internal sealed partial class Gatekeeper : IPacketConsumer
{
    // In nanoseconds. What still comes of a connection that was broken off comes soon.
    private const long OverLinger = 10_000_000_000;
    private const long HalfOpenTimeout = 60_000_000_000;
    private const long IdleTimeout = 6L * 3600 * 1_000_000_000;
    private const long EarlyPatience = 10_000_000_000;
    private const long SweepEvery = 5_000_000_000;
    private const long TickEvery = 50_000_000;

    private readonly WorkerInbox _inbox;
    private readonly CountedExits _exits;
    private readonly MessageReader _messages;
    private readonly ConnectionTable _connections;
    private readonly ClosedConnections _closed = new();
    private readonly HashSet<GateConnection> _closing = [];
    private ServerRules _rules;
    private long _nextSweep;
    private long _now;

    /// <summary>One that holds nothing yet.</summary>
    /// <param name="options">Its bounds.</param>
    /// <param name="inbox">Its way to the auditor.</param>
    /// <param name="exits">Where packets go.</param>
    /// <param name="counts">What it does is counted there.</param>
    public Gatekeeper(KeeperBounds options, WorkerInbox inbox, IPacketExits exits, WorkerCounts counts)
    {
        (_inbox, _rules, Counts) = (inbox, inbox.Rules, counts);
        _exits = new CountedExits(exits, counts);
        Budget = new MemoryBudget(options.MaxHeldBytes);
        _messages = new MessageReader(options, this);
        _connections = new ConnectionTable(options, Budget);
        Spare = new RequestPool(options.LongestRequest);
    }

    /// <summary>Where packets go.</summary>
    public IPacketExits Exits => _exits;

    /// <summary>What is held, in bytes.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>What it did.</summary>
    public WorkerCounts Counts { get; }

    /// <summary>Texts of heads.</summary>
    public Utf8StringCache Strings { get; } = new();

    /// <summary>What the parser counted.</summary>
    public McpStats ParserStats => _messages.Stats;

    /// <summary>Requests to use again.</summary>
    public RequestPool Spare { get; }

    /// <inheritdoc/>
    public long NextTickNs { get; private set; }

    /// <inheritdoc/>
    public void OnPacket(uint id, bool isInput, bool isUnverified, ReadOnlySpan<byte> packet)
    {
        // The server's machine would throw it away, and take another one in its place.
        if (isInput && isUnverified && TcpPacket.TryParse(packet, out TcpPacket tcp) && !tcp.IsIntact)
        {
            Exits.Drop(id);
            return;
        }

        Take(id, isInput, packet, Stopwatch.GetTimestamp());
    }

    /// <inheritdoc/>
    public void OnWake() => Hear(Stopwatch.GetTimestamp());

    /// <inheritdoc/>
    public void OnFlushed() => SpeakToAuditor(Stopwatch.GetTimestamp());

    /// <inheritdoc/>
    public void OnStop() => Stop(Stopwatch.GetTimestamp());

    /// <summary>Takes a packet; it has gone its way, or waits, when this returns.</summary>
    /// <param name="id">The queue's number of it.</param>
    /// <param name="isCall">It comes from a client.</param>
    /// <param name="packet">The whole IP packet. It is lent.</param>
    /// <param name="now">Monotonic nanoseconds.</param>
    public void Take(uint id, bool isCall, ReadOnlySpan<byte> packet, long now)
    {
        _exits.Begin(id);
        try
        {
            DecideOn(id, isCall, packet, now);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            TakeFault(fault, id, isCall, packet, now);
        }
    }

    // A fault of the gate's own costs the connection that it came with. A second one, in losing that, ends the worker.
    private void TakeFault(Exception fault, uint id, bool isCall, ReadOnlySpan<byte> packet, long now)
    {
        Counts.Faulted(fault);
        bool passes = !isCall;
        if (TcpPacket.TryParse(packet, out TcpPacket tcp))
        {
            (IpEndpoint client, IpEndpoint server) = Ends(tcp, isCall);
            passes = _rules.On(server.Port) is not { FailurePolicy: GateFailurePolicy.Closed };
            if (_connections.TryGet(client, server, out GateConnection? connection))
            {
                LoseFaulty(connection, now);
            }
        }

        if (!_exits.IsDecided)
        {
            Exits.Finish(id, passes);
        }
    }

    private static (IpEndpoint Client, IpEndpoint Server) Ends(in TcpPacket tcp, bool isCall) =>
        isCall ? (tcp.Source, tcp.Destination) : (tcp.Destination, tcp.Source);

    private void LoseFaulty(GateConnection connection, long now)
    {
        _now = now;
        _messages.Abandon();
        Lose(connection, GateFailure.Unreadable);
        if (connection.State == ConnectionState.Joining)
        {
            bool opens = RulesOf(connection) is not { FailurePolicy: GateFailurePolicy.Closed };
            connection.State = opens ? ConnectionState.Ignored : ConnectionState.Over;
        }
    }

    private void DecideOn(uint id, bool isCall, ReadOnlySpan<byte> packet, long now)
    {
        if (!TcpPacket.TryParse(packet, out TcpPacket tcp))
        {
            // The rules give TCP alone. Fragments of IPv6 are put together behind the queue, and TCP needs none: with
            // the first of them gone, the server gets nothing that was not seen here.
            Exits.Finish(id, pass: !isCall);
            return;
        }

        (IpEndpoint client, IpEndpoint server) = Ends(tcp, isCall);
        if (_rules.On(server.Port) is not { } rules)
        {
            Exits.Accept(id);
            return;
        }

        if (isCall && (tcp.Flags & (TcpFlags.Syn | TcpFlags.Ack)) == TcpFlags.Syn)
        {
            Open(id, tcp, packet, client, server, now);
            return;
        }

        if (!_connections.TryGet(client, server, out GateConnection? connection))
        {
            if (tcp.Flags.HasFlag(TcpFlags.Rst))
            {
                Exits.Accept(id);
                return;
            }

            if (_closed.TryFind(client, server, isCall, tcp, out bool passes))
            {
                Exits.Finish(id, passes);
                return;
            }

            if (!_connections.TryAdd(client, server, this, now, out connection))
            {
                Count(rules, GateFailure.QueueFull);
                Exits.Finish(id, rules.FailurePolicy == GateFailurePolicy.Open);
                return;
            }
        }

        connection.LastSeen = now;
        connection.Note(tcp, isCall);
        switch (connection.State)
        {
            case ConnectionState.Followed:
                Follow(connection, id, isCall, tcp, packet, now);
                break;
            case ConnectionState.Joining:
                Join(connection, rules, id, isCall, tcp, packet, now);
                break;
            case ConnectionState.Closing:
                Exits.Drop(id);
                if (isCall)
                {
                    connection.Reply!.Take(tcp, now);
                }

                break;
            case ConnectionState.Over when !tcp.Payload.IsEmpty || tcp.Flags.HasFlag(TcpFlags.Fin):
                Exits.Drop(id);
                break;
            default:
                Exits.Accept(id);
                break;
        }
    }

    /// <summary>The auditor, or the mailbox, has something to say.</summary>
    public void Hear(long now)
    {
        if (_inbox.Rules != _rules)
        {
            _rules = _inbox.Rules;
            foreach (GateConnection connection in _connections.All.Where(Unruled).ToArray())
            {
                Release(connection, failure: null);
                _connections.Remove(connection);
            }
        }

        while (_inbox.TryTake(out GateAnswer answer))
        {
            if (_calls.TryGetValue(answer.Key, out GateCall? call) && call.IsWaiting)
            {
                TakeVerdict(call, answer, now);
            }
        }
    }

    /// <inheritdoc/>
    public void Tick(long now)
    {
        _now = now;
        NextTickNs = now + TickEvery;
        _messages.Tick(now);
        Expire(now);
        ExpireUnfinished(now);
        foreach (GateConnection connection in _closing.Where(closing => closing.Reply!.Tick(now)).ToArray())
        {
            Remove(connection);
        }

        if (now >= _nextSweep)
        {
            _nextSweep = now + SweepEvery;
            foreach (GateConnection connection in _connections.All.Where(IsIdle).ToArray())
            {
                Remove(connection);
            }

            foreach (GateConnection connection in _connections.All)
            {
                connection.Calls.DropEarly(now - EarlyPatience);
                connection.Answers.DropEarly(now - EarlyPatience);
            }
        }
    }

    /// <summary>The gate stops: what waits is decided by what becomes of calls without an auditor.</summary>
    public void Stop(long now)
    {
        foreach (GateCall call in _calls.Values.Where(call => call.IsWaiting).ToArray())
        {
            Fail(call, GateFailure.NoAuditor, now);
        }

        foreach (GateConnection connection in _connections.All)
        {
            LetGo(connection);
        }

        SpeakToAuditor(now);
    }

    private bool IsIdle(GateConnection connection) =>
        _now - connection.LastSeen
        > connection switch
        {
            { State: ConnectionState.Over } => OverLinger,
            { IsFollowed: true, Answers.At.IsAnchored: false } => HalfOpenTimeout,
            _ => IdleTimeout,
        };

    private bool Unruled(GateConnection connection) => _rules.On(connection.Server.Port) is null;

    /// <summary>What is held on a connection.</summary>
    internal PortRules? RulesOf(GateConnection connection) => _rules.On(connection.Server.Port);

    private void Count(PortRules rules, GateFailure failure) =>
        Counts.Failed(rules.First.Name, failure, rules.FailurePolicy == GateFailurePolicy.Open);
}
