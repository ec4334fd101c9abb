using Ocx.Mcp.Buffers;

namespace Ocx.Mcp.Tcp;

/// <summary>
/// A copied segment that waits for earlier bytes, or for bytes of the other side that its sender had already seen.
/// </summary>
internal readonly record struct HeldSegment(
    uint Sequence,
    int Length,
    int CutBytes,
    uint? Acknowledged,
    long TimeNs,
    byte[] Data
)
{
    public uint End => unchecked(Sequence + (uint)Length + (uint)CutBytes);
}

/// <summary>
/// Held segments of one direction by sequence number, bounded in number and bytes. Overlaps are cut when they leave.
/// </summary>
internal sealed class SegmentQueue(ReassemblyOptions options, MemoryBudget budget)
{
    // What an entry costs beside its data, in a list that has grown to twice its needs: a flood of one-byte segments is
    // charged for what it takes.
    private const int EntryOverhead = 128;
    private readonly List<HeldSegment> _segments = [];
    private int _first;
    private long _held;

    public int Count => _segments.Count - _first;

    public HeldSegment First => _segments[_first];

    /// <summary>The one after the first.</summary>
    public HeldSegment? Second => Count > 1 ? _segments[_first + 1] : null;

    /// <summary>Copies a segment in; false when a bound does not allow it.</summary>
    public bool TryAdd(in TcpSegment segment, uint sequence)
    {
        int at = _segments.Count;
        while (at > _first && SequenceNumber.Distance(_segments[at - 1].Sequence, sequence) > 0)
        {
            at--;
        }

        int length = segment.Payload.Length;
        if (at > _first && _segments[at - 1].Sequence == sequence && _segments[at - 1].Length >= length)
        {
            return true;
        }

        byte[] data = budget.Arrays.Rent(length);
        long cost = data.Length + EntryOverhead;
        if (Count >= options.MaxHeldSegments || _held + cost > options.MaxHeldBytes || !budget.TryTake(cost))
        {
            budget.Arrays.Return(data);
            return false;
        }

        _held += cost;
        segment.Payload.CopyTo(data);
        uint? acknowledged = segment.Flags.HasFlag(TcpFlags.Ack) ? segment.Acknowledgment : null;
        _segments.Insert(at, new(sequence, length, segment.Length - length, acknowledged, segment.MonotonicNs, data));
        return true;
    }

    /// <summary>Drops the first segment and gives its memory back.</summary>
    public void RemoveFirst()
    {
        byte[] data = First.Data;
        _segments[_first++] = default;
        if (Count == 0 || _first >= options.MaxHeldSegments)
        {
            _segments.RemoveRange(0, _first);
            _first = 0;
        }

        budget.Arrays.Return(data);
        _held -= data.Length + EntryOverhead;
        budget.Return(data.Length + EntryOverhead);
    }

    public void Clear()
    {
        while (Count > 0)
        {
            RemoveFirst();
        }
    }
}
