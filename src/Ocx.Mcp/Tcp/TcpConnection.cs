using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Tcp;

/// <summary>
/// The two streams of one connection, reassembled together. Bytes come out in the order of cause: a segment waits until
/// the bytes that its sender had acknowledged were delivered too, so a response never overtakes its request, however
/// shuffled the capture is. Missing bytes are waited for as long as someone may repeat them, then reported as a gap.
/// </summary>
public sealed partial class TcpConnection
{
    /// <summary>Farther than any window's worth of retransmission, in bytes.</summary>
    internal const int Implausible = 64 << 20;

    private readonly ReassemblyOptions _options;
    private readonly MemoryBudget _budget;
    private readonly ReassemblyCounters _counters;
    private readonly StreamSide[] _sides = [new(), new()];
    private readonly long _holeTimeoutNs;
    private readonly long _graceNs;
    private long _stalledSince;

    internal TcpConnection(
        ConnectionKey key,
        ReassemblyOptions options,
        MemoryBudget budget,
        ReassemblyCounters counters
    )
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

    /// <summary>The list of those that are worth as much, while it is in one.</summary>
    internal ConnectionList? List { get; set; }

    /// <summary>The one before it in that list, which has a newer segment.</summary>
    internal TcpConnection? Newer { get; set; }

    /// <summary>The one after it.</summary>
    internal TcpConnection? Older { get; set; }

    /// <summary>When its newest segment was captured, monotonic nanoseconds.</summary>
    internal long LastSeen { get; set; }

    internal bool ListedAsStalled { get; set; }

    /// <summary>It is looked at, takes a segment, or leaves: it is not to be given up meanwhile.</summary>
    internal bool InUse { get; set; }

    /// <summary>True while something is held back.</summary>
    internal bool Stalled => _stalledSince != 0;

    /// <summary>A SYN of another connection was seen under its addresses.</summary>
    internal bool HasRival { get; set; }

    /// <summary>Segments far outside of it that were seen lately; most connections have none.</summary>
    internal FarSegments? Far { get; set; }

    /// <summary>What would be lost if it were forgotten now.</summary>
    internal Worth Worth
    {
        get
        {
            Worth worth = Sink.Worth;
            return worth == Worth.Nothing && (_sides[0].HasHeld || _sides[1].HasHeld) ? Worth.Bytes : worth;
        }
    }

    internal StreamSide Side(int index) => _sides[index];

    internal void Accept(in TcpSegment segment)
    {
        int index = SideOf(segment);
        StreamSide side = _sides[index],
            peer = _sides[1 - index];
        long now = LastSeen = segment.MonotonicNs;
        side.Seen = true;
        uint sequence = segment.Sequence;
        if (segment.Flags.HasFlag(TcpFlags.Syn))
        {
            sequence++;
            if (!side.Anchored)
            {
                side.Anchor(sequence);
                side.BegunBySyn = true;
            }
        }

        bool acknowledges = segment.Flags.HasFlag(TcpFlags.Ack);
        if (acknowledges)
        {
            bool unseen = peer is { Seen: false, Anchored: false };
            if (unseen && segment.Length > 0 && peer.PassesUnseen(segment.Acknowledgment))
            {
                Sink.OnGap(1 - index, 0, now);
            }

            peer.NoteAcknowledged(segment.Acknowledgment);
            if (unseen && !peer.HasHeld && side.BegunBySyn && sequence == side.Next && sequence == side.First)
            {
                // The other side's SYN was not captured; its answer to this side's tells where it began.
                peer.Anchor(segment.Acknowledgment);
            }
        }

        if (segment.Flags.HasFlag(TcpFlags.Fin))
        {
            side.NoteEnd(unchecked(sequence + (uint)segment.Length));
        }

        if (segment.Length > 0)
        {
            Far?.Clear();
            if (
                !side.Anchored
                && !side.HasHeld
                && (side.Acknowledged == sequence || Sink.IsMessageStart(segment.Payload))
            )
            {
                side.Anchor(sequence);
            }

            if (
                side.Anchored
                && side.Next == sequence
                && !side.HasHeld
                && (!acknowledges || !IsAhead(segment.Acknowledgment, peer))
            )
            {
                Deliver(index, segment.Payload, segment.Length - segment.Payload.Length, now);
            }
            else
            {
                Hold(index, side, segment, sequence);
            }
        }

        bool waits = side.HasHeld || peer.HasHeld;
        if (waits)
        {
            Drain(now, force: false);
        }

        if (waits || Stalled || side.End is not null || peer.End is not null)
        {
            DeliverEnds(now);
        }

        if (segment.Flags.HasFlag(TcpFlags.Rst) && !Closed && side.IsInWindow(sequence))
        {
            Sink.OnReset(index);
            Close(now);
        }
    }

    /// <summary>Gives up on what has waited too long.</summary>
    internal void Tick(long now)
    {
        if (Closed || !Stalled)
        {
            return;
        }

        Drain(now, force: false);
        for (int index = 0; index < 2; index++)
        {
            // A FIN is there, and the bytes before it are not.
            if (_sides[index] is { HasHeld: false, ToEnd: > 0 and var missing } side && GivesUp(side, now))
            {
                Skip(index, missing, now);
            }
        }

        DeliverEnds(now);
    }

    /// <summary>
    /// Closes it for good: delivers what is held, with gaps where bytes are missing, and ends both streams; or drops
    /// it, to make room.
    /// </summary>
    /// <remarks>Who still knows it does not keep its readers in memory.</remarks>
    internal void Leave(long now, bool shed)
    {
        if (!Closed && shed)
        {
            // Room is made in the middle of another connection's message: nothing may be read now.
            Finish(now, shed);
        }
        else if (!Closed)
        {
            Close(now);
        }

        Far?.Clear();
        IsGone = true;
        Sink = null!;
    }

    private void Close(long now)
    {
        Drain(now, force: true);
        for (int index = 0; index < 2; index++)
        {
            StreamSide side = _sides[index],
                peer = _sides[1 - index];
            if (Math.Max(side.ToEnd, side.Missed) is > 0 and var missing)
            {
                Skip(index, missing, now);
            }
            else if (!side.Seen && peer.Anchored && peer.Next != peer.First)
            {
                Sink.OnGap(index, 0, now); // this direction was not captured at all
            }
        }

        DeliverEnds(now);
        if (!Closed)
        {
            Finish(now, shed: false);
        }
    }

    private int SideOf(in TcpSegment segment) => segment.Source == Key.Low ? 0 : 1;

    private void Deliver(int index, ReadOnlySpan<byte> data, int cutBytes, long now)
    {
        _sides[index].Advance(data.Length);
        now = _sides[index].ReadableAt(now);
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
            Finish(now, shed: false);
        }
        else
        {
            NoteStall(now);
        }
    }

    private void Finish(long now, bool shed)
    {
        Closed = true;
        _stalledSince = 0;
        _sides[0].Held?.Clear();
        _sides[1].Held?.Clear();
        Sink.OnClosed(shed, now);
    }
}
