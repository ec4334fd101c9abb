namespace Ocx.Mcp.Tcp;

/// <summary>Whether a segment is one of a connection's own.</summary>
public sealed partial class TcpConnection
{
    /// <summary>
    /// True for a SYN that is not this connection's: a copy of its own has its number, and the other side's answer
    /// acknowledges that.
    /// </summary>
    internal bool IsOtherSyn(in TcpSegment segment)
    {
        int index = SideOf(segment);
        StreamSide side = _sides[index],
            peer = _sides[1 - index];
        bool own = side.Anchored
            ? unchecked(segment.Sequence + 1) == side.First
            : segment.Flags.HasFlag(TcpFlags.Ack) && (!peer.Anchored || segment.Acknowledgment == peer.First);
        return segment.Flags.HasFlag(TcpFlags.Syn) && !own;
    }

    /// <summary>Does the segment belong to this connection, or to another one on the same ports?</summary>
    internal Fit Judge(in TcpSegment segment, SynCache syns)
    {
        int index = SideOf(segment);
        StreamSide side = _sides[index],
            peer = _sides[1 - index];
        bool opens = segment.Flags.HasFlag(TcpFlags.Syn);
        if (!opens && !HasRival && IsNext(segment, side, peer))
        {
            return Fit.Belongs;
        }

        if (opens)
        {
            return !IsOtherSyn(segment) ? Fit.Belongs
                : segment.Length > 0 ? ReplacedWithoutFar()
                : Fit.OtherSyn;
        }

        if (HasRival && IsFirstOfRival(segment, side, syns))
        {
            return ReplacedWithoutFar();
        }

        bool before = IsBeforeFirst(segment, side);
        if (!before && !IsFar(segment, side, peer))
        {
            return Fit.Belongs;
        }

        if (segment.Length == 0)
        {
            return Fit.Stray;
        }

        if (Far is { } far && far.Agree(index, segment))
        {
            return Fit.Replaces;
        }

        // An old copy of what passed before the tap came is not told from a connection before anyone answers.
        bool certain = !before || side.BegunBySyn,
            idle = !side.Anchored || Worth == Worth.Nothing;
        if (certain && idle && Sink.IsMessageStart(segment.Payload))
        {
            return ReplacedWithoutFar();
        }

        if (Far is null)
        {
            Far = new(_budget);
            Far.Agree(index, segment);
        }

        return Fit.Stray;
    }

    // Nearly every segment is: nothing else needs to be asked of it.
    private static bool IsNext(in TcpSegment segment, StreamSide side, StreamSide peer) =>
        side.Anchored
        && peer.Anchored
        && segment.Sequence == side.Next
        && segment.Acknowledgment == peer.Next
        && segment.Flags.HasFlag(TcpFlags.Ack);

    // What lies far off is not of the connection that begins.
    private Fit ReplacedWithoutFar()
    {
        Far?.Clear();
        return Fit.Replaces;
    }

    // Where only data was captured of this connection's beginning, its own SYN may come behind that.
    private static bool IsFirstOfRival(in TcpSegment segment, StreamSide side, SynCache syns) =>
        segment.Length > 0
        && segment.Sequence == syns.FirstByte(segment.Source, segment.Destination)
        && (
            side.Anchored
                ? segment.Sequence != side.First
                : !side.HasHeld
                    || SequenceNumber.Distance(side.Held!.First.Sequence, segment.Sequence)
                        is < 0
                            or > StreamSide.FarthestAhead
        );

    // The byte before the first is that of a keep-alive (RFC 9293, 3.8.4).
    private static bool IsBeforeFirst(in TcpSegment segment, StreamSide side)
    {
        int from = SequenceNumber.Distance(segment.Sequence, side.First);
        return side.Anchored && from < -1 && (side.BegunBySyn || from + segment.Length <= 0);
    }

    private static bool IsFar(in TcpSegment segment, StreamSide side, StreamSide peer)
    {
        uint? stands =
            side.Anchored ? side.Next
            : side.HasHeld ? side.Held!.First.Sequence
            : null;
        if (stands is { } near && Math.Abs((long)SequenceNumber.Distance(segment.Sequence, near)) > Implausible)
        {
            return true;
        }

        return peer.Anchored
            && segment.Flags.HasFlag(TcpFlags.Ack)
            && (
                SequenceNumber.Distance(segment.Acknowledgment, peer.Next) > Implausible
                || (peer.BegunBySyn && SequenceNumber.Distance(segment.Acknowledgment, peer.First) < 0)
            );
    }
}
