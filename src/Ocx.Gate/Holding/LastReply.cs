using Ocx.Gate.Packets;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Holding;

/// <summary>
/// What the gate says to a client in the server's place, and the end of the connection behind it: a sender of TCP that
/// repeats what is not acknowledged (RFC 6298), and takes no more than acknowledging what the client still sends.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="bytes">What is said; short enough for any first window.</param>
internal sealed class LastReply(GateConnection connection, byte[] bytes)
{
    private const long FirstTimeout = 200_000_000;
    private const long LongestTimeout = 3_000_000_000;

    // Behind the client's own end: what it sends once more is acknowledged once more.
    private const long Linger = 5_000_000_000;
    private const long GiveUpAfter = 60_000_000_000;

    private readonly long _start = connection.Answers.At.Passed;
    private long _acknowledged;
    private long _received = connection.Calls.At.Read;
    private long _begun;
    private long _again;
    private long _timeout = FirstTimeout;
    private long _overAt = long.MaxValue;
    private bool _clientEnded;

    // Its FIN counts as one byte more.
    private long Length => bytes.Length + 1;

    /// <summary>Says it.</summary>
    public void Begin(long now)
    {
        (_begun, _again) = (now, now + _timeout);
        SendRest();
    }

    /// <summary>Takes what the client sends.</summary>
    public void Take(in TcpPacket tcp, long now)
    {
        if (tcp.Flags.HasFlag(TcpFlags.Rst))
        {
            _overAt = now;
            return;
        }

        long acknowledged = connection.Answers.At.OffsetOf(tcp.Acknowledgment) - _start;
        if (tcp.Flags.HasFlag(TcpFlags.Ack) && acknowledged > _acknowledged && acknowledged <= Length)
        {
            (_acknowledged, _timeout) = (acknowledged, FirstTimeout);
            _again = now + _timeout;
        }

        long start = connection.Calls.At.OffsetOf(tcp.Sequence),
            end = start + tcp.Payload.Length + (tcp.Flags.HasFlag(TcpFlags.Fin) ? 1 : 0);
        if (end > start)
        {
            if (start <= _received && end > _received)
            {
                _received = end;
                _clientEnded |= tcp.Flags.HasFlag(TcpFlags.Fin);
            }

            connection.Write(Next(Math.Min(_acknowledged, Length)), ReplyKind.Data, []);
        }

        if (_clientEnded && _acknowledged == Length)
        {
            _overAt = Math.Min(_overAt, now + Linger);
        }
    }

    /// <summary>Lets time pass; true when it is over.</summary>
    public bool Tick(long now)
    {
        if (now >= _overAt || now - _begun > GiveUpAfter)
        {
            return true;
        }

        if (_acknowledged < Length && now >= _again)
        {
            _timeout = Math.Min(2 * _timeout, LongestTimeout);
            _again = now + _timeout;
            SendRest();
        }

        return false;
    }

    private void SendRest()
    {
        long at = Math.Min(_acknowledged, bytes.Length);
        do
        {
            int length = (int)Math.Min(bytes.Length - at, TcpReply.SafePayload);
            bool last = at + length == bytes.Length;
            connection.Write(Next(at), last ? ReplyKind.LastData : ReplyKind.Data, bytes.AsSpan((int)at, length));
            at += length;
        } while (at < bytes.Length);
    }

    private TcpReply Next(long at) =>
        connection.ToClient(connection.Answers.At.SequenceOf(_start + at)) with
        {
            Acknowledgment = connection.Calls.At.SequenceOf(_received),
        };
}
