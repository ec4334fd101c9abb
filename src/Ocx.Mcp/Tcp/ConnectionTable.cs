using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Tcp;

/// <summary>
/// The connections followed at once, each with the sink that takes its streams. Bounded in number, memory and idle
/// time: one that ended is let go at once, and when room is short the one that is worth least, and quiet for longest,
/// goes first.
/// </summary>
public sealed class ConnectionTable
{
    // What a connection takes before it holds anything: itself, its sides, its parsers, and its places in the table and
    // the lists.
    private const int ConnectionCost = 3072;
    private readonly Dictionary<ConnectionKey, TcpConnection> _connections = [];
    private readonly ConnectionList[] _byWorth = [new(), new(), new()];
    private readonly List<TcpConnection> _stalled = [];
    private readonly SynCache _syns = new();
    private readonly ClosedConnections _closed;
    private readonly ReassemblyOptions _options;
    private readonly MemoryBudget _budget;
    private readonly Func<TcpConnection, IStreamSink> _sinkFor;
    private readonly Translations _translations;
    private TcpConnection? _newest;

    /// <summary>An empty table.</summary>
    /// <param name="options">The bounds.</param>
    /// <param name="budget">
    /// What connections and held segments are charged to. The table gives up connections that are worth little when it
    /// is short.
    /// </param>
    /// <param name="sinkFor">Makes the sink of a new connection.</param>
    public ConnectionTable(ReassemblyOptions options, MemoryBudget budget, Func<TcpConnection, IStreamSink> sinkFor)
    {
        ArgumentNullException.ThrowIfNull(budget);
        (_options, _budget, _sinkFor) = (options, budget, sinkFor);
        _closed = new ClosedConnections(options.ClosedLinger);
        _translations = new Translations(budget, Counters);
        budget.Reclaim = forCall => GiveUp(forCall ? Worth.Calls : Worth.Bytes);
    }

    /// <summary>What was seen and shed.</summary>
    public ReassemblyCounters Counters { get; } = new();

    /// <summary>Connections followed now.</summary>
    public int Count => _connections.Count;

    /// <summary>Takes one segment and delivers what became readable.</summary>
    public void Accept(in TcpSegment segment)
    {
        Counters.Segments++;
        Counters.Bytes += segment.Length;
        ConnectionKey key = ConnectionKey.Of(segment.Source, segment.Destination);
        // Segments of a connection come in rows: an answer after its request, and all of a long one.
        TcpConnection? connection = _newest;
        if (connection?.Key == key || _connections.TryGetValue(key, out connection))
        {
            AcceptKnown(connection, segment);
        }
        else if (_translations.Find(key, segment, out int sender) is { } translated)
        {
            AcceptTranslated(key, translated, sender, segment);
        }
        else if (segment.Length > 0)
        {
            AcceptUnknown(key, segment);
        }
        else if ((segment.Flags & TcpFlags.Syn) != 0)
        {
            Counters.Syns++;
            if (!_closed.Has(key, segment))
            {
                _syns.Add(segment);
            }
        }
    }

    /// <summary>Lets time pass: gives up on holes, forgets idle connections.</summary>
    /// <param name="now">The capture's monotonic clock, in nanoseconds.</param>
    public void Tick(long now)
    {
        for (int i = _stalled.Count - 1; i >= 0; i--)
        {
            TcpConnection connection = _stalled[i];
            if (!connection.IsGone)
            {
                connection.InUse = true;
                connection.Tick(now);
                Settle(connection, now);
                connection.InUse = false;
            }

            if (!connection.Stalled)
            {
                connection.ListedAsStalled = false;
                _stalled[i] = _stalled[^1];
                _stalled.RemoveAt(_stalled.Count - 1);
            }
        }

        long idle = now - (long)_options.IdleTimeout.TotalNanoseconds;
        foreach (ConnectionList list in _byWorth)
        {
            while (list.Quietest is { } quietest && quietest.LastSeen < idle)
            {
                Counters.IdleConnections++;
                Remove(quietest, now, shed: false);
            }
        }
    }

    /// <summary>Delivers all that is held and closes every connection: the capture is over.</summary>
    public void Flush(long now)
    {
        foreach (ConnectionList list in _byWorth)
        {
            while (list.Quietest is { } quietest)
            {
                Remove(quietest, now, shed: false);
            }
        }
    }

    private void AcceptKnown(TcpConnection connection, in TcpSegment segment)
    {
        switch (Judge(connection, segment))
        {
            case Fit.Belongs:
                Deliver(connection, segment);
                break;
            case Fit.Stray:
                Counters.Strays++;
                break;
            case Fit.OtherSyn:
                // Anyone can send one: nothing is believed before its data, or the other side's SYN, agrees with it.
                Counters.Syns++;
                _syns.Add(segment);
                connection.HasRival = true;
                if (
                    segment.Flags.HasFlag(TcpFlags.Ack)
                    && _syns.FirstByte(segment.Destination, segment.Source) == segment.Acknowledgment
                )
                {
                    Replace(connection, segment.MonotonicNs);
                }

                break;
            case Fit.Replaces when IsOldCopy(connection.Key, segment):
                Counters.Duplicates++;
                break;
            default:
                FarSegments? before = connection.Far;
                connection.Far = null;
                Replace(connection, segment.MonotonicNs);
                if (before is not null && before.Before(segment) is { Length: > 0 } first)
                {
                    AcceptUnknown(connection.Key, first);
                }

                before?.Clear();
                if (_connections.TryGetValue(connection.Key, out TcpConnection? next))
                {
                    Deliver(next, segment);
                }
                else if (segment.Length > 0)
                {
                    AcceptUnknown(connection.Key, segment);
                }

                break;
        }
    }

    private Fit Judge(TcpConnection connection, in TcpSegment segment)
    {
        connection.InUse = true;
        Fit fit = connection.Judge(segment, _syns);
        connection.InUse = false;
        return fit;
    }

    private void AcceptTranslated(in ConnectionKey name, TcpConnection connection, int sender, in TcpSegment segment)
    {
        TcpSegment first = connection.AsSeenFirst(segment, sender);
        switch (Judge(connection, first))
        {
            case Fit.Belongs:
                Deliver(connection, first);
                break;
            case Fit.Replaces:
                _translations.Drop(name, connection);
                AcceptUnknown(name, segment);
                break;
            default:
                Counters.Strays++;
                break;
        }
    }

    private void AcceptUnknown(in ConnectionKey key, in TcpSegment segment)
    {
        if (IsOldCopy(key, segment))
        {
            Counters.Duplicates++;
            return;
        }

        if (_translations.Recognize(key, segment, out int sender) is { } seen)
        {
            _syns.Take(segment.Source, segment.Destination);
            _syns.Take(segment.Destination, segment.Source);
            if (seen.IsGone)
            {
                Counters.Duplicates++;
            }
            else
            {
                Deliver(seen, seen.AsSeenFirst(segment, sender));
            }
        }
        else if (Open(key, segment) is { } opened)
        {
            Deliver(opened, segment);
        }
    }

    // A late copy of a segment of a connection that ended, and not of one whose SYN was seen since.
    private bool IsOldCopy(in ConnectionKey key, in TcpSegment segment) =>
        _closed.Has(key, segment)
        && !(
            _syns.FirstByte(segment.Source, segment.Destination) is { } first
            && SequenceNumber.Distance(segment.Sequence, first) is >= 0 and < TcpConnection.Implausible
        );

    private void Deliver(TcpConnection connection, in TcpSegment segment)
    {
        _newest = connection;
        connection.InUse = true;
        if (segment.Length > 0)
        {
            _translations.Note(segment, connection);
        }

        connection.Accept(segment);
        Settle(connection, segment.MonotonicNs);
        connection.InUse = false;
    }

    // Lets it go when it ended, and else gives it the place that it is worth.
    private void Settle(TcpConnection connection, long now)
    {
        if (connection.Closed)
        {
            Remove(connection, now, shed: false, remember: true);
            return;
        }

        _byWorth[(int)connection.Worth].MoveToFront(connection);
        if (connection.Stalled && !connection.ListedAsStalled)
        {
            connection.ListedAsStalled = true;
            _stalled.Add(connection);
        }
    }

    private TcpConnection? Open(in ConnectionKey key, in TcpSegment segment)
    {
        if (
            (_connections.Count >= _options.MaxConnections && !GiveUp(Worth.Calls))
            || !_budget.TryTake(ConnectionCost, forCall: true)
        )
        {
            Counters.ShedConnections++;
            return null;
        }

        Counters.Connections++;
        var connection = new TcpConnection(key, _options, _budget, Counters);
        connection.Sink = _sinkFor(connection);
        _connections.Add(key, connection);
        ReplaySyn(connection, segment.Source, segment.Destination, segment.Sequence, segment);
        ReplaySyn(connection, segment.Destination, segment.Source, segment.Acknowledgment, segment);
        return connection;
    }

    // A SYN that lies far from where its sender stands is another connection's: one before, or, where this segment is a
    // stray, one that is still to begin. A keep-alive has the SYN's own number.
    private void ReplaySyn(
        TcpConnection connection,
        IpEndpoint source,
        IpEndpoint destination,
        uint stands,
        in TcpSegment segment
    )
    {
        if (_syns.FirstByte(source, destination) is not { } first)
        {
            return;
        }

        bool told = source == segment.Source || segment.Flags.HasFlag(TcpFlags.Ack);
        if (told && SequenceNumber.Distance(stands, first) is not (>= -1 and < TcpConnection.Implausible))
        {
            connection.HasRival = true;
        }
        else
        {
            _syns.Take(source, destination);
            connection.Accept(
                new TcpSegment
                {
                    TimestampUnixNs = segment.TimestampUnixNs,
                    MonotonicNs = segment.MonotonicNs,
                    Source = source,
                    Destination = destination,
                    Sequence = unchecked(first - 1),
                    Flags = TcpFlags.Syn,
                    Length = 0,
                }
            );
        }
    }

    // The one that is worth least, and of those the one quiet for longest; false when none is worth as little.
    private bool GiveUp(Worth most)
    {
        for (Worth worth = Worth.Nothing; worth <= most; worth++)
        {
            TcpConnection? quietest = _byWorth[(int)worth].Quietest;
            while (quietest is { InUse: true })
            {
                quietest = quietest.Newer;
            }

            if (quietest is not null)
            {
                Counters.IdleConnections += worth == Worth.Nothing ? 1 : 0;
                Counters.ShedConnections += worth == Worth.Nothing ? 0 : 1;
                Remove(quietest, quietest.LastSeen, shed: worth != Worth.Nothing);
                return true;
            }
        }

        return false;
    }

    private void Replace(TcpConnection connection, long now) => Remove(connection, now, shed: false, remember: true);

    private void Remove(TcpConnection connection, long now, bool shed, bool remember = false)
    {
        connection.InUse = true;
        connection.Leave(now, shed);
        if (remember)
        {
            _closed.Add(connection.Key, connection.Side(0), connection.Side(1), now);
        }

        _budget.Return(ConnectionCost);
        _connections.Remove(connection.Key);
        _translations.Forget(connection, remember ? _closed : null, now);
        connection.List?.Remove(connection);
        _newest = _newest == connection ? null : _newest;
    }
}
