namespace Ocx.Gate.Holding;

/// <summary>
/// One direction of a connection: its bytes are numbered from the first one on, which is 0, whatever TCP's sequence
/// numbers are (RFC 9293, 3.4).
/// </summary>
internal sealed class Direction
{
    private uint _first;

    /// <summary>True once it is known which sequence number byte 0 has.</summary>
    public bool IsAnchored { get; private set; }

    /// <summary>How many bytes were read.</summary>
    public long Read { get; set; }

    /// <summary>How many bytes went on to their receiver: those behind them are held, or were never seen.</summary>
    public long Passed { get; set; }

    /// <summary>How many bytes the receiver has acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>
    /// How many bytes the gate has acknowledged in the receiver's place; 0 when it did so for none. The sender does not
    /// send them again: they have to reach the receiver as they are.
    /// </summary>
    public long Promised { get; set; }

    /// <summary>The receiver's window: so many bytes behind what it has acknowledged it takes.</summary>
    public long Window { get; set; } = ushort.MaxValue;

    /// <summary>How far the receiver's windows are shifted.</summary>
    public int WindowShift { get; set; }

    /// <summary>Where the sender's FIN stands, or -1.</summary>
    public long End { get; set; } = -1;

    /// <summary>The sender's clock in its newest timestamp option (RFC 7323); 0 without one.</summary>
    public uint Timestamp { get; set; }

    /// <summary>The receiver has all of it, and its FIN.</summary>
    public bool IsFinished => End >= 0 && Acknowledged > End;

    /// <summary>Byte 0 has this sequence number.</summary>
    public void Anchor(uint sequence)
    {
        (_first, IsAnchored, End) = (sequence, true, -1);
        Read = Passed = Acknowledged = Promised = 0;
    }

    /// <summary>The sequence number of a byte.</summary>
    public uint SequenceOf(long offset) => unchecked(_first + (uint)offset);

    /// <summary>The byte that has a sequence number, which is not 2 GiB away from what was read.</summary>
    public long OffsetOf(uint sequence) => Read + (int)unchecked(sequence - SequenceOf(Read));

    /// <summary>
    /// The receiver acknowledges, and says how much more it takes. What never went on to it, it cannot have: that is
    /// somebody else who speaks (RFC 5961, 5).
    /// </summary>
    public void NoteAcknowledged(uint acknowledgment, ushort window)
    {
        long offset = OffsetOf(acknowledgment),
            sent = Passed + (End >= 0 && Passed >= End ? 1 : 0);
        if (offset < Acknowledged || offset > sent)
        {
            return;
        }

        (Acknowledged, Window) = (offset, (long)window << WindowShift);
    }
}
