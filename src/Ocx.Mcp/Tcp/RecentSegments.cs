namespace Ocx.Mcp.Tcp;

/// <summary>
/// The segments that were seen lately, by what the translation of addresses leaves as it is. A table of fixed size:
/// newer segments take the places of older ones, so a flood can only make it forget.
/// </summary>
internal sealed class RecentSegments
{
    // A segment's second sight comes within the moments that a node takes to pass it on.
    private const int Slots = 1024;
    private readonly (uint Sequence, uint Acknowledgment, int Length, int Sender, TcpConnection? Of)[] _slots = new (
        uint,
        uint,
        int,
        int,
        TcpConnection?
    )[Slots];

    public void Add(in TcpSegment segment, int sender, TcpConnection of) =>
        Slot(segment) = (segment.Sequence, segment.Acknowledgment, segment.Length, sender, of);

    /// <summary>The connection that the same segment was seen on, and which of its sides sent it.</summary>
    public (TcpConnection Of, int Sender)? Find(in TcpSegment segment)
    {
        ref var slot = ref Slot(segment);
        return
            slot.Of is { } of
            && slot.Sequence == segment.Sequence
            && slot.Acknowledgment == segment.Acknowledgment
            && slot.Length == segment.Length
            ? (of, slot.Sender)
            : null;
    }

    // Seeded per process: which segments share a place cannot be chosen.
    private ref (uint Sequence, uint Acknowledgment, int Length, int Sender, TcpConnection? Of) Slot(
        in TcpSegment segment
    ) => ref _slots[(uint)HashCode.Combine(segment.Sequence, segment.Acknowledgment) % Slots];
}
