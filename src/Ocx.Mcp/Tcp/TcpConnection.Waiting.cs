namespace Ocx.Mcp.Tcp;

/// <summary>
/// Segments that wait: for earlier bytes of their side, or for bytes of the other that their sender had already seen.
/// </summary>
public sealed partial class TcpConnection
{
    // A FIN takes one sequence number that carries no byte.
    private static bool IsAhead(uint acknowledgment, StreamSide of) =>
        of.Anchored
            ? SequenceNumber.Distance(acknowledgment, of.Next) > (of.End == of.Next ? 1 : 0)
            : of.HasHeld && SequenceNumber.Distance(acknowledgment, of.Held!.First.Sequence) > 0;

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
        long now = segment.MonotonicNs;
        Drain(now, force: true);
        if (!side.Anchored)
        {
            side.Anchor(sequence);
        }

        int ahead = SequenceNumber.Distance(sequence, side.Next),
            old = Math.Max(0, -ahead);
        if (ahead > 0)
        {
            Skip(index, ahead, now);
        }

        int seen = Math.Min(old, segment.Payload.Length);
        Deliver(
            index,
            segment.Payload[seen..],
            Math.Max(0, segment.Length - Math.Max(old, segment.Payload.Length)),
            now
        );
    }

    private void Drain(long now, bool force)
    {
        bool progress = true;
        while (progress)
        {
            progress = DrainSide(0, now, force);
            progress |= DrainSide(1, now, force);
        }

        NoteStall(now);
    }

    private void NoteStall(long now)
    {
        bool waits = _sides[0].HasHeld || _sides[1].HasHeld || _sides[0].ToEnd > 0 || _sides[1].ToEnd > 0;
        _stalledSince =
            !waits ? 0
            : _stalledSince == 0 ? now
            : _stalledSince;
    }

    private bool DrainSide(int index, long now, bool force)
    {
        StreamSide side = _sides[index],
            peer = _sides[1 - index];
        bool progress = false;
        while (side.HasHeld)
        {
            HeldSegment first = side.Held!.First;
            if (!side.Anchored)
            {
                if (!Sink.IsMessageStart(first.Data.AsSpan(0, first.Length)))
                {
                    if (first.Length == 1 && side.Held.Second is { } second && IsAfterProbe(first, second))
                    {
                        side.Held.RemoveFirst();
                        continue;
                    }

                    if (!force && !WaitedFor(_graceNs, now))
                    {
                        break;
                    }
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
                if (
                    peer.HasHeld
                    && (!peer.Anchored || SequenceNumber.Distance(peer.Held!.First.Sequence, peer.Next) <= 0)
                )
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
                Skip(index, ahead, first.TimeNs);
            }

            int old = Math.Max(0, -ahead);
            if (old < first.Length + first.CutBytes)
            {
                int seen = Math.Min(old, first.Length);
                Deliver(
                    index,
                    first.Data.AsSpan(seen, first.Length - seen),
                    first.CutBytes - (old - seen),
                    first.TimeNs
                );
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
        || (
            side.Acknowledged is { } acknowledged
            && SequenceNumber.Distance(acknowledged, side.Next) > 0
            && WaitedFor(_graceNs, now)
        );

    private bool WaitedFor(long ns, long now) => _stalledSince != 0 && now - _stalledSince >= ns;

    // A keep-alive may carry one byte of rubbish, under the number before that of the next byte (RFC 9293, 3.8.4).
    private bool IsAfterProbe(in HeldSegment probe, in HeldSegment next) =>
        next.Sequence == probe.End && Sink.IsMessageStart(next.Data.AsSpan(0, next.Length));
}
