using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Tcp;

/// <summary>
/// From segments to connections: says which connection a segment is of, one that is followed, one that begins with it,
/// or none; and each has the sink that takes its streams.
/// </summary>
public sealed class ConnectionTable
{
    private readonly FollowedConnections _connections;
    private readonly SynCache _syns = new();
    private readonly ClosedConnections _closed;
    private readonly Translations _translations;

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
        _closed = new ClosedConnections(options.ClosedLinger);
        _translations = new Translations(budget, Counters);
        _connections = new(options, budget, Counters, _translations, _closed, sinkFor);
        budget.Reclaim = forCall => _connections.GiveUp(forCall ? Worth.Calls : Worth.Bytes);
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
        if (_connections.Find(key) is { } known)
        {
            AcceptKnown(known, segment);
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
    public void Tick(long now) => _connections.Tick(now);

    /// <summary>Delivers all that is held and closes every connection: the capture is over.</summary>
    public void Flush(long now) => _connections.Flush(now);

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
                    _connections.Replace(connection, segment.MonotonicNs);
                }

                break;
            case Fit.Replaces when IsOldCopy(connection.Key, segment):
                Counters.Duplicates++;
                break;
            default:
                FarSegments? before = connection.Far;
                connection.Far = null;
                _connections.Replace(connection, segment.MonotonicNs);
                if (before is not null && before.Before(segment) is { Length: > 0 } first)
                {
                    AcceptUnknown(connection.Key, first);
                }

                before?.Clear();
                if (_connections.Find(connection.Key) is { } next)
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
        TcpSegment first = segment.Under(connection.Key, sender);
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
                Deliver(seen, segment.Under(seen.Key, sender));
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

    private TcpConnection? Open(in ConnectionKey key, in TcpSegment segment)
    {
        if (_connections.Open(key) is not { } connection)
        {
            return null;
        }

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

    private void Deliver(TcpConnection connection, in TcpSegment segment)
    {
        if (segment.Length > 0)
        {
            _translations.Note(segment, connection);
        }

        _connections.Deliver(connection, segment);
    }
}
