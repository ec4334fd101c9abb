using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Tcp;

/// <summary>
/// The further names of connections whose addresses are translated on the way past the tap: DNAT and SNAT change an
/// end's address and port, and leave sequence and acknowledgment numbers as they are. What is seen under any of the
/// names goes into the one connection, which takes each byte once.
/// </summary>
internal sealed class Translations(MemoryBudget budget, ReassemblyCounters counters)
{
    // What a name takes: an entry here and one in the connection's list.
    private const int NameCost = 256;

    // Before, between and after two translations, and one to spare.
    private const int MaxNames = 3;
    private const long Moment = 1_000_000_000;

    private readonly Dictionary<ConnectionKey, (TcpConnection Of, bool Crossed)> _names = [];
    private readonly RecentSegments _recent = new();

    /// <summary>Notes a segment that may be seen again.</summary>
    public void Note(in TcpSegment segment, TcpConnection of) =>
        _recent.Add(segment, segment.Source == of.Key.Low ? 0 : 1, of);

    /// <summary>
    /// The connection of which this is a further name, and which of its sides sent the segment; null when it is none.
    /// </summary>
    public TcpConnection? Find(ConnectionKey key, in TcpSegment segment, out int sender)
    {
        sender = 0;
        if (_names.Count == 0 || !_names.TryGetValue(key, out (TcpConnection Of, bool Crossed) name))
        {
            return null;
        }

        sender = (segment.Source == key.Low) == name.Crossed ? 1 : 0;
        if (!name.Of.IsOtherSyn(segment.Under(name.Of.Key, sender)))
        {
            return name.Of;
        }

        // The translated ports were taken by another connection; the first may live on.
        Drop(key, name.Of);
        return null;
    }

    /// <summary>A name is another connection's from now on.</summary>
    public void Drop(ConnectionKey key, TcpConnection of)
    {
        Remove(key);
        of.Names!.Remove(key);
    }

    /// <summary>
    /// Recognises a connection's first segment as one that was just seen on another, which may be gone, under other
    /// addresses.
    /// </summary>
    public TcpConnection? Recognize(ConnectionKey key, in TcpSegment segment, out int sender)
    {
        sender = 0;
        if (!segment.Flags.HasFlag(TcpFlags.Ack) || _recent.Find(segment) is not var (of, from))
        {
            return null;
        }

        bool again = segment.MonotonicNs - of.LastSeen < Moment && of.Ends.Shares(from, segment);
        if (again && of.IsGone)
        {
            return of; // the last segment of one that ended with it
        }

        if (!again || of.Names is { Count: >= MaxNames } || !budget.TryTake(NameCost))
        {
            return null;
        }

        counters.Translations++;
        sender = from;
        of.Ends.Learn(sender, segment);
        (of.Names ??= new(MaxNames)).Add(key);
        _names.Add(key, (of, Crossed: (segment.Source == key.Low) != (sender == 0)));
        return of;
    }

    /// <summary>A connection is gone, and its names with it; where it is to be remembered, by each of them.</summary>
    public void Forget(TcpConnection connection, ClosedConnections? closed, long now)
    {
        foreach (ConnectionKey name in connection.Names ?? [])
        {
            int low = _names[name].Crossed ? 1 : 0;
            closed?.Add(name, connection.Side(low), connection.Side(1 - low), now);
            Remove(name);
        }
    }

    private void Remove(ConnectionKey name)
    {
        _names.Remove(name);
        budget.Return(NameCost);
    }
}
