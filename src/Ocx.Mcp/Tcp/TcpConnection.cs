using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Tcp;

/// <summary>
/// The two streams of one connection, reassembled together. Bytes come out in the order of cause: a segment waits until the
/// bytes that its sender had acknowledged were delivered too, so a response never overtakes its request, however shuffled
/// the capture is. Missing bytes are waited for as long as someone may repeat them, then reported as a gap.
/// </summary>
public sealed class TcpConnection
{
    // Farther than any window's worth of retransmission: another connection on the same ports whose SYN was not seen.
    private const int Implausible = 64 << 20;
    private readonly ReassemblyOptions _options;
    private readonly MemoryBudget _budget;
    private readonly ReassemblyCounters _counters;
    private readonly StreamSide[] _sides = [new(), new()];
    private readonly long _holeTimeoutNs;
    private readonly long _graceNs;
    private long _stalledSince;

    internal TcpConnection(ConnectionKey key, ReassemblyOptions options, MemoryBudget budget, ReassemblyCounters counters)
    {
        (Key, Ends, _options, _budget, _counters) = (key, new(key), options, budget, counters);
        _holeTimeoutNs = (long)options.HoleTimeout.TotalNanoseconds;
        _graceNs = (long)options.AcknowledgedGrace.TotalNanoseconds;
    }

    /// <summary>The two ends; side 0 is the low one.</summary>
    public ConnectionKey Key { get; }

    /// <summary>What the two ends are called.</summary>
    public ConnectionEnds Ends { get; }

    /// <summary>True after both sides ended or one reset.</summary>
    public bool Closed { get; private set; }

    internal IStreamSink Sink { get; set; } = null!;

    /// <summary>The further keys that it is seen under; most connections have none.</summary>
    internal List<ConnectionKey>? Names { get; set; }

    /// <summary>True once it is no longer followed.</summary>
    internal bool IsGone { get; private set; }

    internal TcpConnection? Newer { get; set; }

    internal TcpConnection? Older { get; set; }

    internal long LastSeen { get; set; }

    internal bool ListedAsStalled { get; set; }

    /// <summary>True while something is held back.</summary>
    internal bool Stalled => _stalledSince != 0;

    /// <summary>True when the segment cannot belong to this connection: its ports were taken by a new one.</summary>
    internal bool IsReplacedBy(in TcpSegment segment)
    {
        StreamSide side = _sides[SideOf(segment)];
        bool syn = segment.Flags.HasFlag(TcpFlags.Syn);
        if (!side.Anchored)
        {
            return Closed && syn;
        }

        // A late copy of the first SYN lies behind; one that lies ahead, or far away, opens another connection.
        int distance = SequenceNumber.Distance(segment.Sequence, side.Next);
        if (syn || Closed)
        {
            return (syn || segment.Length > 0) && (distance > 0 || distance < -Implausible);
        }

        return segment.Length > 0 && Math.Abs((long)distance) > Implausible;
    }

    internal void Accept(in TcpSegment segment)
    {
        int index = SideOf(segment);
        StreamSide side = _sides[index], peer = _sides[1 - index];
        long now = LastSeen = segment.TimestampUnixNs;
        if (Closed)
        {
            _counters.Duplicates++;
            return;
        }

        uint sequence = segment.Sequence;
        if (segment.Flags.HasFlag(TcpFlags.Syn))
        {
            sequence++;
            if (!side.Anchored)
            {
                side.Anchor(sequence);
            }
        }

        bool acknowledges = segment.Flags.HasFlag(TcpFlags.Ack);
        if (acknowledges)
        {
            peer.NoteAcknowledged(segment.Acknowledgment);
        }

        if (segment.Flags.HasFlag(TcpFlags.Fin))
        {
            side.End = unchecked(sequence + (uint)segment.Length);
        }

        if (segment.Length > 0)
        {
            if (!side.Anchored && !side.HasHeld && (side.Acknowledged == sequence || Sink.IsMessageStart(segment.Payload)))
            {
                side.Anchor(sequence);
            }

            if (side.Anchored && side.Next == sequence && !side.HasHeld && (!acknowledges || !IsAhead(segment.Acknowledgment, peer)))
            {
                Deliver(index, segment.Payload, segment.Length - segment.Payload.Length, now);
            }
            else
            {
                Hold(index, side, segment, sequence);
            }
        }

        if (side.HasHeld || peer.HasHeld)
        {
            Drain(now, force: false);
        }

        DeliverEnds(now);
        if (segment.Flags.HasFlag(TcpFlags.Rst) && !Closed)
        {
            Close(now);
        }
    }

    /// <summary>Gives up on what has waited too long.</summary>
    internal void Tick(long now)
    {
        if (!Closed && Stalled)
        {
            Drain(now, force: false);
            DeliverEnds(now);
        }
    }

    /// <summary>Delivers what is held, with gaps where bytes are missing, and ends both streams.</summary>
    internal void Close(long now)
    {
        if (!Closed)
        {
            Drain(now, force: true);
            DeliverEnds(now);
            Finish(now);
        }
    }

    /// <summary>Closes it for good. Who still knows it does not keep its readers in memory.</summary>
    internal void Leave(long now)
    {
        Close(now);
        IsGone = true;
        Sink = null!;
    }

    /// <summary>The segment as if it were seen under this connection's key.</summary>
    internal TcpSegment AsSeenFirst(in TcpSegment segment, int sender)
    {
        (IpEndpoint source, IpEndpoint destination) = sender == 0 ? (Key.Low, Key.High) : (Key.High, Key.Low);
        return segment with { Source = source, Destination = destination };
    }

    private int SideOf(in TcpSegment segment) => segment.Source == Key.Low ? 0 : 1;

    // A FIN takes one sequence number that carries no byte.
    private static bool IsAhead(uint acknowledgment, StreamSide of) => of.Anchored
        ? SequenceNumber.Distance(acknowledgment, of.Next) > (of.End == of.Next ? 1 : 0)
        : of.HasHeld && SequenceNumber.Distance(acknowledgment, of.Held!.First.Sequence) > 0;

    private void Deliver(int index, ReadOnlySpan<byte> data, int cutBytes, long now)
    {
        _sides[index].Advance(data.Length);
        if (data.Length > 0)
        {
            Sink.OnBytes(index, data, now);
        }

        if (cutBytes > 0)
        {
            Skip(index, cutBytes, now);
        }
    }

    private void Skip(int index, long missing, long now)
    {
        _counters.Gaps++;
        _counters.GapBytes += missing;
        _sides[index].Advance(missing);
        Sink.OnGap(index, missing, now);
    }

    private void Hold(int index, StreamSide side, in TcpSegment segment, uint sequence)
    {
        if (side.Anchored && SequenceNumber.Distance(unchecked(sequence + (uint)segment.Length), side.Next) <= 0)
        {
            _counters.Duplicates++;
            return;
        }

        _counters.OutOfOrder++;
        side.Held ??= new SegmentQueue(_options, _budget);
        if (side.Held.TryAdd(segment, sequence))
        {
            return;
        }

        // No room to wait: what is missing before this segment becomes a gap, and the segment follows on it.
        _counters.ShedSegments++;
        Drain(segment.TimestampUnixNs, force: true);
        if (!side.Anchored)
        {
            side.Anchor(sequence);
        }

        int ahead = SequenceNumber.Distance(sequence, side.Next), old = Math.Max(0, -ahead);
        if (ahead > 0)
        {
            Skip(index, ahead, segment.TimestampUnixNs);
        }

        int seen = Math.Min(old, segment.Payload.Length);
        Deliver(index, segment.Payload[seen..], Math.Max(0, segment.Length - Math.Max(old, segment.Payload.Length)), segment.TimestampUnixNs);
    }

    private void Drain(long now, bool force)
    {
        bool progress = true;
        while (progress)
        {
            progress = DrainSide(0, now, force);
            progress |= DrainSide(1, now, force);
        }

        _stalledSince = !_sides[0].HasHeld && !_sides[1].HasHeld ? 0 : _stalledSince == 0 ? now : _stalledSince;
    }

    private bool DrainSide(int index, long now, bool force)
    {
        StreamSide side = _sides[index], peer = _sides[1 - index];
        bool progress = false;
        while (side.HasHeld)
        {
            HeldSegment first = side.Held!.First;
            if (!side.Anchored)
            {
                if (!force && !WaitedFor(_graceNs, now) && !Sink.IsMessageStart(first.Data.AsSpan(0, first.Length)))
                {
                    break;
                }

                side.Anchor(first.Sequence);
            }

            int ahead = SequenceNumber.Distance(first.Sequence, side.Next);
            if (ahead > 0 && !force && !GivesUp(side, now))
            {
                break;
            }

            if (first.Acknowledged is { } acknowledged && IsAhead(acknowledged, peer))
            {
                // The sender had those bytes, so they passed: wait for the capture to catch up, then they were missed.
                if (peer.HasHeld && (!peer.Anchored || SequenceNumber.Distance(peer.Held!.First.Sequence, peer.Next) <= 0))
                {
                    break;
                }

                if (!force && !WaitedFor(_graceNs, now))
                {
                    break;
                }

                int missing = SequenceNumber.Distance(acknowledged, peer.Next);
                if (peer.HasHeld)
                {
                    missing = Math.Min(missing, SequenceNumber.Distance(peer.Held!.First.Sequence, peer.Next));
                }

                // One number alone may as well be a FIN that the tap did not see.
                if (missing > 1)
                {
                    Skip(1 - index, missing, now);
                    return true;
                }
            }

            if (ahead > 0)
            {
                Skip(index, ahead, first.TimestampUnixNs);
            }

            int old = Math.Max(0, -ahead);
            if (old < first.Length + first.CutBytes)
            {
                int seen = Math.Min(old, first.Length);
                Deliver(index, first.Data.AsSpan(seen, first.Length - seen), first.CutBytes - (old - seen), first.TimestampUnixNs);
            }
            else
            {
                _counters.Duplicates++;
            }

            side.Held!.RemoveFirst();
            progress = true;
            _stalledSince = side.HasHeld || peer.HasHeld ? now : 0;
        }

        return progress;
    }

    private bool GivesUp(StreamSide side, long now) =>
        WaitedFor(_holeTimeoutNs, now)
        || (side.Acknowledged is { } acknowledged && SequenceNumber.Distance(acknowledged, side.Next) > 0 && WaitedFor(_graceNs, now));

    private bool WaitedFor(long ns, long now) => _stalledSince != 0 && now - _stalledSince >= ns;

    private void DeliverEnds(long now)
    {
        for (int index = 0; index < 2; index++)
        {
            StreamSide side = _sides[index];
            if (!side.Ended && side.End is { } end && !side.HasHeld && (!side.Anchored || side.Next == end))
            {
                side.Ended = true;
                Sink.OnEnd(index, now);
            }
        }

        if (_sides[0].Ended && _sides[1].Ended && !Closed)
        {
            Finish(now);
        }
    }

    private void Finish(long now)
    {
        Closed = true;
        _stalledSince = 0;
        _sides[0].Held?.Clear();
        _sides[1].Held?.Clear();
        Sink.OnClosed(now);
    }
}
