using Ocx.Audit.Wire;
using Ocx.Gate.Asking;
using Ocx.Gate.Packets;
using Ocx.Mcp.Http;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Holding;

/// <summary>Connections: how they begin, are followed, and end.</summary>
internal sealed partial class Gatekeeper
{
    // In nanoseconds.
    private const long JoinPatience = 3_000_000_000;

    /// <summary>A connection cannot be read, or held: it passes, or ends.</summary>
    internal void Lose(GateConnection connection, GateFailure failure)
    {
        if (!connection.IsFollowed)
        {
            return;
        }

        PortRules? rules = RulesOf(connection);
        if (rules is not null)
        {
            Count(rules, failure);
        }

        if (rules?.FailurePolicy == GateFailurePolicy.Closed)
        {
            Break(connection, GateEnd.Closed);
            return;
        }

        Release(connection, failure);
    }

    /// <summary>Ends a connection at both of its ends, without a word.</summary>
    internal void Break(GateConnection connection, GateEnd end)
    {
        connection.ResetServer();
        connection.ResetClient();
        End(connection, end, _now);
    }

    private void Open(
        uint id,
        in TcpPacket tcp,
        ReadOnlySpan<byte> packet,
        IpEndpoint client,
        IpEndpoint server,
        long now
    )
    {
        if (_connections.TryGet(client, server, out GateConnection? before))
        {
            // The same SYN once more; or one that the server believes only when its client resets what is there
            // (RFC 5961, 4).
            if (
                before.IsFollowed && (before.Answers.At.IsAnchored || before.Calls.At.SequenceOf(0) == tcp.Sequence + 1)
            )
            {
                PassSyn(id, tcp, packet);
                return;
            }

            Remove(before);
        }

        if (!_connections.TryAdd(client, server, this, now, out GateConnection? connection))
        {
            Exits.Drop(id);
            return;
        }

        _closed.Forget(client, server);
        connection.State = ConnectionState.Followed;
        connection.Calls.At.Anchor(tcp.Sequence + 1);
        connection.Note(tcp, isCall: true);
        _messages.Note(tcp, now);
        PassSyn(id, tcp, packet);
    }

    // Without data (RFC 7413), which comes again behind the handshake.
    private void PassSyn(uint id, in TcpPacket tcp, ReadOnlySpan<byte> packet)
    {
        if (tcp.Payload.IsEmpty)
        {
            Exits.Accept(id);
            return;
        }

        byte[] copy = packet.ToArray();
        Exits.Accept(id, copy.AsSpan(0, TcpEdit.Shorten(copy, 0)));
    }

    private void Follow(
        GateConnection connection,
        uint id,
        bool isCall,
        in TcpPacket tcp,
        ReadOnlySpan<byte> packet,
        long now
    )
    {
        Flow flow = isCall ? connection.Calls : connection.Answers,
            other = isCall ? connection.Answers : connection.Calls;
        if (!isCall && tcp.Flags.HasFlag(TcpFlags.Syn))
        {
            if (!flow.At.IsAnchored)
            {
                flow.At.Anchor(tcp.Sequence + 1);
                other.At.Window = tcp.Window; // this one is not shifted (RFC 7323, 2.2)
                _messages.Note(tcp, now);
            }

            Exits.Accept(id);
            return;
        }

        if (!flow.At.IsAnchored)
        {
            Exits.Accept(id); // an answer to a SYN that opened nothing
            return;
        }

        if (tcp.Flags.HasFlag(TcpFlags.Ack) && other.At.IsAnchored)
        {
            other.At.NoteAcknowledged(tcp.Acknowledgment, tcp.Window);
            if (other.At.OffsetOf(tcp.Acknowledgment) > other.At.Read + 1)
            {
                // It has what never came by here.
                Lose(connection, GateFailure.JoinedMidway);
                Exits.Finish(id, connection.IsIgnored);
                return;
            }

            if (connection.Calls.At.IsFinished && connection.Answers.At.IsFinished)
            {
                Exits.Accept(id);
                Remove(connection);
                _closed.Add(connection);
                return;
            }
        }

        if (tcp.Flags.HasFlag(TcpFlags.Rst))
        {
            TakeReset(connection, flow, id, tcp, now);
            return;
        }

        if (tcp.Payload.IsEmpty && !tcp.Flags.HasFlag(TcpFlags.Fin))
        {
            Exits.Accept(id);
            if (other.WaitsForWindow)
            {
                Settle(connection, now);
            }

            return;
        }

        bool ended = flow.At.End >= 0;
        flow.Take(id, tcp, packet, now);
        if (!ended && flow.At.End >= 0 && flow.At.End <= flow.At.Read && connection.IsFollowed)
        {
            _messages.Note(tcp, now, flow.At.SequenceOf(flow.At.Read));
            if (!isCall)
            {
                connection.Answers.Close();
            }
        }

        Settle(connection, now);
    }

    // Only a reset at the very next byte is believed (RFC 5961, 3.2), here as by the other end.
    private void TakeReset(GateConnection connection, Flow flow, uint id, in TcpPacket tcp, long now)
    {
        Exits.Accept(id);
        if (tcp.Sequence == flow.At.SequenceOf(flow.At.Passed))
        {
            _messages.Note(tcp, now);
            End(connection, GateEnd.Gone, now);
        }
    }

    private void Join(
        GateConnection connection,
        PortRules rules,
        uint id,
        bool isCall,
        in TcpPacket tcp,
        ReadOnlySpan<byte> packet,
        long now
    )
    {
        if (tcp.Payload.IsEmpty || tcp.Flags.HasFlag(TcpFlags.Rst))
        {
            Exits.Accept(id);
            return;
        }

        bool begins =
            isCall && ProtocolSniffer.Sniff(tcp.Payload) == Protocol.HttpRequest && tcp.Flags.HasFlag(TcpFlags.Ack);
        if (begins)
        {
            (connection.State, connection.IsJoined, connection.IsOnTrial) = (ConnectionState.Followed, true, true);
            connection.Calls.At.Anchor(tcp.Sequence);
            connection.Answers.At.Anchor(tcp.Acknowledgment);
            Follow(connection, id, isCall, tcp, packet, now);
            return;
        }

        bool opens = rules.FailurePolicy == GateFailurePolicy.Open;
        if (isCall && !opens && now - connection.Since < JoinPatience)
        {
            // TCP begins with what it sent last, and comes to the beginning of a request that the gate before held.
            Exits.Drop(id);
            return;
        }

        if (!connection.IsCounted)
        {
            connection.IsCounted = true;
            Count(rules, GateFailure.JoinedMidway);
        }

        if (opens)
        {
            Exits.Accept(id);
            return;
        }

        // One packet says where both ends are, or where one of them was: it may have been sent before.
        Exits.Drop(id);
        (isCall ? connection.Calls : (Flow)connection.Answers).At.Anchor(tcp.Sequence);
        (isCall ? connection.Answers : (Flow)connection.Calls).At.Anchor(tcp.Acknowledgment);
        connection.ResetServer();
        connection.ResetClient();
        connection.Probe();
        connection.State = ConnectionState.Over;
    }

    // Nothing of it is held any more, or will be.
    private void Release(GateConnection connection, GateFailure? failure)
    {
        connection.State = ConnectionState.Ignored;
        foreach (GateCall call in CallsOf(connection))
        {
            call.Verdict ??= new GateVerdict { Key = call.Key, Release = true };
            call.Failure = failure ?? call.Failure;
            Tell(call, GateEnd.Released);
        }

        LetGo(connection);
        ForgetBytes(connection);
        _messages.Forget(connection, _now, []);
    }

    private static void LetGo(GateConnection connection)
    {
        connection.Calls.LetGo(pass: true);
        connection.Answers.LetGo(pass: true);
    }

    // All of the connection is over: what still waits of it reaches nobody.
    private void End(GateConnection connection, GateEnd end, long now, byte[]? answer = null)
    {
        _now = now;
        connection.State = ConnectionState.Over;
        foreach (GateCall call in CallsOf(connection))
        {
            if (end == GateEnd.Gone && call.IsWaiting && !call.Rules.IsIrreversible)
            {
                // It runs, and is decided all the same: whoever resumes its stream asks for its result.
                (call.IsOver, call.AnswerConnection, call.Request.HasAnswer) = (true, null, false);
                continue;
            }

            if (call.IsWaiting)
            {
                call.Verdict = new GateVerdict { Key = call.Key };
                NoteWithheld(call);
            }

            Tell(call, call.IsRefused ? end : GateEnd.Gone);
        }

        connection.Calls.LetGo(pass: false);
        connection.Answers.LetGo(pass: false);
        ForgetBytes(connection);
        _doubtful.Remove(connection);
        _resuming.Remove(connection);
        _messages.Forget(connection, now, answer);
    }

    private static void ForgetBytes(GateConnection connection)
    {
        foreach (Request request in connection.Requests)
        {
            request.ForgetBytes();
        }

        connection.Requests.Clear();
        connection.Calls.Release();
    }

    private void Remove(GateConnection connection)
    {
        _closing.Remove(connection);
        if (connection.State is not (ConnectionState.Over or ConnectionState.Closing))
        {
            End(connection, GateEnd.Gone, _now);
        }

        _connections.Remove(connection);
    }
}
