namespace Ocx.Mcp.Tcp;

/// <summary>Where one direction of a connection stands: what was delivered, what waits, what the receiver has.</summary>
internal sealed class StreamSide
{
    /// <summary>True once <see cref="Next"/> is known: by SYN, by a segment that begins a message, or by giving up the wait.</summary>
    public bool Anchored { get; private set; }

    /// <summary>The next sequence number to deliver.</summary>
    public uint Next { get; private set; }

    /// <summary>Segments that wait; made on the first one, most connections never need it.</summary>
    public SegmentQueue? Held { get; set; }

    public bool HasHeld => Held is { Count: > 0 };

    /// <summary>The sequence number after the last byte, once a FIN was seen.</summary>
    public uint? End { get; set; }

    /// <summary>True once the end was delivered.</summary>
    public bool Ended { get; set; }

    /// <summary>The highest acknowledgment of this side's bytes by the other side.</summary>
    public uint? Acknowledged { get; private set; }

    public void Anchor(uint sequence)
    {
        Anchored = true;
        Next = sequence;
    }

    public void Advance(long bytes) => Next = unchecked(Next + (uint)bytes);

    public void NoteAcknowledged(uint acknowledgment)
    {
        if (Acknowledged is not { } known || SequenceNumber.Distance(acknowledgment, known) > 0)
        {
            Acknowledged = acknowledgment;
        }
    }
}
