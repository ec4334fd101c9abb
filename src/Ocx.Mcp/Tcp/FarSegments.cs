using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Tcp;

/// <summary>
/// Segments far outside of what a connection can have sent: another one may have begun unseen on the same ports. One
/// alone can be stray or forged, so the connection ends only when others agree: an answer of the other side to it, or
/// several that follow on each other.
/// </summary>
internal sealed class FarSegments(MemoryBudget budget)
{
    private const int Agreeing = 3;
    private const int MaxKept = 64 << 10;

    private readonly PooledBuffer _bytes = new(budget, MaxKept);
    private int _side;
    private int _count;
    private uint _sequence;
    private uint _end;
    private uint? _acknowledged;

    /// <summary>Takes one more; true when it shows that the connection was replaced.</summary>
    public bool Agree(int side, in TcpSegment segment)
    {
        uint? acknowledged = segment.Flags.HasFlag(TcpFlags.Ack) ? segment.Acknowledgment : null;
        bool answers = _count > 0 && side != _side;
        if (answers && acknowledged == _end && (_acknowledged is null || _acknowledged == segment.Sequence))
        {
            return true;
        }

        if (_count == 0 || answers || segment.Sequence != _end)
        {
            Clear();
            (_side, _sequence, _acknowledged) = (side, segment.Sequence, acknowledged);
        }
        else if (_count + 1 >= Agreeing)
        {
            return true;
        }

        _count++;
        _end = unchecked(segment.Sequence + (uint)segment.Length);
        if (_bytes.Length == (int)(segment.Sequence - _sequence))
        {
            _bytes.Append(segment.Payload);
        }

        return false;
    }

    /// <summary>
    /// What was kept of those before <paramref name="next"/>, as one segment of the connection that they belong to;
    /// empty when there is nothing.
    /// </summary>
    public TcpSegment Before(in TcpSegment next)
    {
        bool same = next.Sequence == _end;
        return new TcpSegment
        {
            TimestampUnixNs = next.TimestampUnixNs,
            MonotonicNs = next.MonotonicNs,
            Source = same ? next.Source : next.Destination,
            Destination = same ? next.Destination : next.Source,
            Sequence = _sequence,
            Acknowledgment = _acknowledged ?? 0,
            Flags = _acknowledged is null ? TcpFlags.None : TcpFlags.Ack,
            Length = _bytes.Length,
            Payload = _bytes.Span,
        };
    }

    /// <summary>Forgets them: the connection goes on.</summary>
    public void Clear()
    {
        _count = 0;
        _bytes.Release();
    }
}
