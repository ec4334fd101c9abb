using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Tcp;

/// <summary>The connections followed at once, each with the sink that takes its streams. Bounded in number, memory and idle time.</summary>
public sealed class ConnectionTable
{
    // What a connection takes before it holds anything: itself, its sides and its parsers.
    private const int ConnectionCost = 2048;
    private readonly Dictionary<ConnectionKey, TcpConnection> _connections = [];
    private readonly List<TcpConnection> _stalled = [];
    private readonly SynCache _syns = new();
    private readonly ReassemblyOptions _options;
    private readonly MemoryBudget _budget;
    private readonly Func<TcpConnection, IStreamSink> _sinkFor;
    private readonly Translations _translations;
    private TcpConnection? _newest;
    private TcpConnection? _oldest;

    /// <summary>An empty table.</summary>
    /// <param name="options">The bounds.</param>
    /// <param name="budget">What held segments are charged to.</param>
    /// <param name="sinkFor">Makes the sink of a new connection.</param>
    public ConnectionTable(ReassemblyOptions options, MemoryBudget budget, Func<TcpConnection, IStreamSink> sinkFor)
    {
        (_options, _budget, _sinkFor) = (options, budget, sinkFor);
        _translations = new Translations(budget, Counters);
    }

    /// <summary>What was seen and shed.</summary>
    public ReassemblyCounters Counters { get; } = new();

    /// <summary>Connections followed now, closed ones that linger included.</summary>
    public int Count => _connections.Count;

    /// <summary>Takes one segment and delivers what became readable.</summary>
    public void Accept(in TcpSegment segment)
    {
        Counters.Segments++;
        Counters.Bytes += segment.Length;
        ConnectionKey key = ConnectionKey.Of(segment.Source, segment.Destination);
        // Segments of a connection come in rows: an answer after its request, and all of a long one.
        TcpConnection? connection = _newest;
        bool known = connection?.Key == key || _connections.TryGetValue(key, out connection);
        if (known && connection!.IsReplacedBy(segment))
        {
            Remove(connection, segment.TimestampUnixNs);
            known = false;
        }

        if (!known)
        {
            if (_translations.Find(key, segment, out int sender) is { } translated)
            {
                Deliver(translated, translated.AsSeenFirst(segment, sender));
                return;
            }

            if (segment.Length == 0)
            {
                if ((segment.Flags & TcpFlags.Syn) != 0)
                {
                    Counters.Syns++;
                    _syns.Add(segment);
                }

                return;
            }

            if (_translations.Recognize(key, segment, out sender) is { } seen)
            {
                _syns.Take(segment.Source, segment.Destination);
                _syns.Take(segment.Destination, segment.Source);
                Deliver(seen, seen.AsSeenFirst(segment, sender));
                return;
            }

            connection = Open(key, segment);
            if (connection is null)
            {
                return;
            }
        }

        Deliver(connection!, segment);
    }

    /// <summary>Lets time pass: gives up on holes, forgets idle and closed connections.</summary>
    /// <param name="now">The capture's clock, in nanoseconds since the Unix epoch.</param>
    public void Tick(long now)
    {
        for (int i = _stalled.Count - 1; i >= 0; i--)
        {
            _stalled[i].Tick(now);
            if (!_stalled[i].Stalled)
            {
                _stalled[i].ListedAsStalled = false;
                _stalled[i] = _stalled[^1];
                _stalled.RemoveAt(_stalled.Count - 1);
            }
        }

        long idle = now - (long)_options.IdleTimeout.TotalNanoseconds, closed = now - (long)_options.ClosedLinger.TotalNanoseconds;
        for (TcpConnection? at = _oldest; at is not null && at.LastSeen < closed;)
        {
            TcpConnection? newer = at.Newer;
            if (at.Closed)
            {
                Remove(at, now);
            }
            else if (at.LastSeen < idle)
            {
                Counters.IdleConnections++;
                Remove(at, now);
            }

            at = newer;
        }
    }

    /// <summary>Delivers all that is held and closes every connection: the capture is over.</summary>
    public void Flush(long now)
    {
        while (_oldest is not null)
        {
            Remove(_oldest, now);
        }
    }

    private void Deliver(TcpConnection connection, in TcpSegment segment)
    {
        Touch(connection);
        if (segment.Length > 0)
        {
            _translations.Note(segment, connection);
        }

        connection.Accept(segment);
        if (connection.Stalled && !connection.ListedAsStalled)
        {
            connection.ListedAsStalled = true;
            _stalled.Add(connection);
        }
    }

    private TcpConnection? Open(ConnectionKey key, in TcpSegment segment)
    {
        bool affordable = false;
        while (_oldest is not null && (_connections.Count >= _options.MaxConnections || !(affordable = _budget.TryTake(ConnectionCost))))
        {
            Counters.ShedConnections += _oldest.Closed ? 0 : 1;
            Remove(_oldest, segment.TimestampUnixNs);
        }

        if (!affordable && !_budget.TryTake(ConnectionCost))
        {
            Counters.ShedConnections++;
            return null;
        }

        Counters.Connections++;
        var connection = new TcpConnection(key, _options, _budget, Counters);
        connection.Sink = _sinkFor(connection);
        _connections.Add(key, connection);
        ReplaySyn(connection, segment.Source, segment.Destination, segment.TimestampUnixNs);
        ReplaySyn(connection, segment.Destination, segment.Source, segment.TimestampUnixNs);
        return connection;
    }

    private void ReplaySyn(TcpConnection connection, IpEndpoint source, IpEndpoint destination, long now)
    {
        if (_syns.Take(source, destination) is { } sequence)
        {
            connection.Accept(new TcpSegment
            {
                TimestampUnixNs = now,
                Source = source,
                Destination = destination,
                Sequence = sequence,
                Flags = TcpFlags.Syn,
                Length = 0,
            });
        }
    }

    private void Remove(TcpConnection connection, long now)
    {
        connection.Leave(now);
        _budget.Return(ConnectionCost);
        _connections.Remove(connection.Key);
        _translations.Forget(connection);
        Unlink(connection);
    }

    private void Touch(TcpConnection connection)
    {
        if (_newest == connection)
        {
            return;
        }

        Unlink(connection);
        connection.Older = _newest;
        _oldest ??= connection;
        if (_newest is not null)
        {
            _newest.Newer = connection;
        }

        _newest = connection;
    }

    private void Unlink(TcpConnection connection)
    {
        if (connection.Older is not null)
        {
            connection.Older.Newer = connection.Newer;
        }

        if (connection.Newer is not null)
        {
            connection.Newer.Older = connection.Older;
        }

        _oldest = _oldest == connection ? connection.Newer : _oldest;
        _newest = _newest == connection ? connection.Older : _newest;
        connection.Older = connection.Newer = null;
    }
}
