namespace Ocx.Mcp.Tcp;

/// <summary>
/// Where one direction of a connection stands: what was delivered, what waits, what the receiver has.
/// </summary>
internal sealed class StreamSide
{
    // Where a reset may lie around what was delivered: copies of old segments may draw it, and the tap may have missed
    // some bytes.
    private const int ResetBehind = 64 << 10;

    /// <summary>How far ahead of what was delivered a segment of the same connection may lie, in bytes.</summary>
    public const int FarthestAhead = 16 << 20;

    private long _readable;
    private uint? _unseen;

    /// <summary>
    /// True once <see cref="Next"/> is known: by SYN, by a segment that begins a message, or by giving up the wait.
    /// </summary>
    public bool Anchored { get; private set; }

    /// <summary>The next sequence number to deliver.</summary>
    public uint Next { get; private set; }

    /// <summary>The sequence number of the first byte: after the SYN, or where the stream was joined.</summary>
    public uint First { get; private set; }

    /// <summary>True when <see cref="First"/> is known by the SYN.</summary>
    public bool BegunBySyn { get; set; }

    /// <summary>True once a segment of this side was seen: its direction is captured.</summary>
    public bool Seen { get; set; }

    /// <summary>Segments that wait; made on the first one, most connections never need it.</summary>
    public SegmentQueue? Held { get; set; }

    public bool HasHeld => Held is { Count: > 0 };

    /// <summary>The sequence number after the last byte, once a FIN was seen.</summary>
    public uint? End { get; private set; }

    /// <summary>True once the end was delivered.</summary>
    public bool Ended { get; set; }

    /// <summary>The highest acknowledgment of this side's bytes by the other side.</summary>
    public uint? Acknowledged { get; private set; }

    /// <summary>How many bytes there are up to the FIN that are not there yet; 0 without one.</summary>
    public int ToEnd => Anchored && !Ended && End is { } end ? Math.Max(0, SequenceNumber.Distance(end, Next)) : 0;

    /// <summary>
    /// How many bytes the other side acknowledged that are not there; a FIN's own number is not among them.
    /// </summary>
    public int Missed
    {
        get
        {
            int missing =
                Anchored && Acknowledged is { } acknowledged ? SequenceNumber.Distance(acknowledged, Next) : 0;
            missing = End is { } end ? Math.Min(missing, SequenceNumber.Distance(end, Next)) : missing;
            return missing is > 1 and < TcpConnection.Implausible ? missing : 0;
        }
    }

    /// <summary>
    /// Takes what a message of the other side acknowledges of this one, of which nothing was captured; true when that
    /// is more than the message before did.
    /// </summary>
    public bool PassesUnseen(uint acknowledgment)
    {
        bool more = _unseen is { } known && SequenceNumber.Distance(acknowledgment, known) > 0;
        _unseen = acknowledgment;
        return more;
    }

    public void Anchor(uint sequence)
    {
        Anchored = true;
        First = Next = sequence;
    }

    /// <summary>A FIN was seen; it tells nothing where it lies before what was delivered.</summary>
    public void NoteEnd(uint end)
    {
        if (!Anchored || SequenceNumber.Distance(end, Next) >= 0)
        {
            End = end;
        }
    }

    /// <summary>Whether a reset with this number may be believed.</summary>
    public bool IsInWindow(uint sequence) =>
        !Anchored || SequenceNumber.Distance(sequence, Next) is >= -ResetBehind and <= FarthestAhead;

    public void Advance(long bytes) => Next = unchecked(Next + (uint)bytes);

    /// <summary>
    /// When bytes that were captured at <paramref name="captured"/> could be read: not before those that precede them
    /// in the stream.
    /// </summary>
    public long ReadableAt(long captured) => _readable = Math.Max(_readable, captured);

    public void NoteAcknowledged(uint acknowledgment)
    {
        if (Acknowledged is not { } known || SequenceNumber.Distance(acknowledgment, known) > 0)
        {
            Acknowledged = acknowledgment;
        }
    }
}
