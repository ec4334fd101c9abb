namespace Ocx.Mcp.Tcp;

/// <summary>
/// The connections that ended lately and where their sides stood, so that late copies of their segments do not open
/// them anew. A table of fixed size (about 700 KB): newer ones take the places of older ones.
/// </summary>
internal sealed class ClosedConnections(TimeSpan linger)
{
    private const int Slots = 8192;

    // What was in flight towards a side that reset the connection; a new connection's numbers are that close after a
    // quarter of a second only.
    private const int InFlight = 4 << 20;

    private readonly Entry[] _slots = new Entry[Slots];
    private readonly long _lingerNs = (long)linger.TotalNanoseconds;

    /// <summary>Remembers a connection under one of its names.</summary>
    /// <param name="key">The name.</param>
    /// <param name="low">Where the name's low end stood.</param>
    /// <param name="high">Where the name's high end stood.</param>
    /// <param name="now">When it ended, monotonic nanoseconds.</param>
    public void Add(in ConnectionKey key, StreamSide low, StreamSide high, long now) =>
        Slot(key) = new(key, new(low), new(high), low.Ended && high.Ended, now);

    /// <summary>
    /// True for a segment that belongs to a connection that ended: one that it had sent, or that was still under way
    /// when it was reset. Both of its numbers tell: the ports may have been taken again with numbers a little off.
    /// </summary>
    public bool Has(in ConnectionKey key, in TcpSegment segment)
    {
        ref Entry entry = ref Slot(key);
        if (entry.Key != key || segment.MonotonicNs - entry.EndedNs > _lingerNs)
        {
            return false;
        }

        (Side side, Side peer) = segment.Source == key.Low ? (entry.Low, entry.High) : (entry.High, entry.Low);
        if (!side.Known)
        {
            return false;
        }

        if ((segment.Flags & TcpFlags.Syn) != 0 && segment.Length == 0)
        {
            return unchecked(segment.Sequence + 1) == side.First;
        }

        // The FIN has a number, too.
        int ahead = entry.Whole ? 1 : InFlight;
        return side.Has(segment.Sequence, ahead)
            && (!peer.Known || !segment.Flags.HasFlag(TcpFlags.Ack) || peer.Has(segment.Acknowledgment, ahead));
    }

    private ref Entry Slot(in ConnectionKey key) => ref _slots[(uint)key.GetHashCode() % Slots];

    private readonly record struct Entry(ConnectionKey Key, Side Low, Side High, bool Whole, long EndedNs);

    private readonly record struct Side(uint First, uint Next, bool Known)
    {
        public Side(StreamSide side)
            : this(side.First, side.Next, side.Anchored) { }

        public bool Has(uint number, int ahead) =>
            SequenceNumber.Distance(number, First) >= 0 && SequenceNumber.Distance(number, Next) <= ahead;
    }
}
