using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Tcp;

/// <summary>
/// The connections followed at once. Bounded in number, memory and idle time: one that ended is let go at once, and
/// when room is short the one that is worth least, and quiet for longest, goes first.
/// </summary>
internal sealed class FollowedConnections(
    ReassemblyOptions options,
    MemoryBudget budget,
    ReassemblyCounters counters,
    Translations translations,
    ClosedConnections closed,
    Func<TcpConnection, IStreamSink> sinkFor
)
{
    // What a connection takes before it holds anything: itself, its sides, its parsers, and its places in the table and
    // the lists.
    private const int ConnectionCost = 3072;
    private readonly Dictionary<ConnectionKey, TcpConnection> _connections = [];
    private readonly ConnectionList[] _byWorth = [new(), new(), new()];
    private readonly List<TcpConnection> _stalled = [];
    private TcpConnection? _newest;

    public int Count => _connections.Count;

    /// <summary>The connection with this key; null when there is none.</summary>
    public TcpConnection? Find(in ConnectionKey key) =>
        // Segments of a connection come in rows: an answer after its request, and all of a long one.
        _newest?.Key == key
            ? _newest
            : _connections.GetValueOrDefault(key);

    /// <summary>A new connection; null when there is no room for it.</summary>
    public TcpConnection? Open(in ConnectionKey key)
    {
        if (
            (_connections.Count >= options.MaxConnections && !GiveUp(Worth.Calls))
            || !budget.TryTake(ConnectionCost, forCall: true)
        )
        {
            counters.ShedConnections++;
            return null;
        }

        counters.Connections++;
        var connection = new TcpConnection(key, options, budget, counters);
        connection.Sink = sinkFor(connection);
        _connections.Add(key, connection);
        return connection;
    }

    /// <summary>Hands a connection one of its own segments.</summary>
    public void Deliver(TcpConnection connection, in TcpSegment segment)
    {
        _newest = connection;
        connection.InUse = true;
        connection.Accept(segment);
        Settle(connection, segment.MonotonicNs);
        connection.InUse = false;
    }

    /// <summary>It is over: another has its ports, or it ended.</summary>
    public void Replace(TcpConnection connection, long now) => Remove(connection, now, shed: false, remember: true);

    /// <summary>
    /// Gives up the one that is worth least, and of those the one quiet for longest; false when none is worth as
    /// little.
    /// </summary>
    public bool GiveUp(Worth most)
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
                counters.IdleConnections += worth == Worth.Nothing ? 1 : 0;
                counters.ShedConnections += worth == Worth.Nothing ? 0 : 1;
                Remove(quietest, quietest.LastSeen, shed: worth != Worth.Nothing);
                return true;
            }
        }

        return false;
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

        long idle = now - (long)options.IdleTimeout.TotalNanoseconds;
        foreach (ConnectionList list in _byWorth)
        {
            while (list.Quietest is { } quietest && quietest.LastSeen < idle)
            {
                counters.IdleConnections++;
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

    // Lets it go when it ended, and else gives it the place that it is worth.
    private void Settle(TcpConnection connection, long now)
    {
        if (connection.Closed)
        {
            Replace(connection, now);
            return;
        }

        _byWorth[(int)connection.Worth].MoveToFront(connection);
        if (connection.Stalled && !connection.ListedAsStalled)
        {
            connection.ListedAsStalled = true;
            _stalled.Add(connection);
        }
    }

    private void Remove(TcpConnection connection, long now, bool shed, bool remember = false)
    {
        connection.InUse = true;
        connection.Leave(now, shed);
        if (remember)
        {
            closed.Add(connection.Key, connection.Side(0), connection.Side(1), now);
        }

        budget.Return(ConnectionCost);
        _connections.Remove(connection.Key);
        translations.Forget(connection, remember ? closed : null, now);
        connection.List?.Remove(connection);
        _newest = _newest == connection ? null : _newest;
    }
}
