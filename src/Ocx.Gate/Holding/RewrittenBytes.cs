namespace Ocx.Gate.Holding;

/// <summary>
/// What the client was sent in the place of what the server sent, until it is acknowledged. From then on it is only
/// known where it stood: who acknowledges what he does not have is not to get what the server said.
/// </summary>
internal sealed class RewrittenBytes
{
    private long _first = long.MaxValue;
    private long _forgotten;

    private readonly List<(long Start, byte[] Bytes)> _pieces = [];

    /// <summary>These bytes went on.</summary>
    public void Add(long start, ReadOnlySpan<byte> bytes)
    {
        _first = Math.Min(_first, start);
        _pieces.Add((start, bytes.ToArray()));
    }

    /// <summary>Some of these bytes were rewritten, or stand between some that were.</summary>
    public bool MayTouch(long start, long end) =>
        end > _first && start < (_pieces is [.., var last] ? last.Start + last.Bytes.Length : _forgotten);

    /// <summary>The client has what is before this place.</summary>
    public void Forget(long acknowledged)
    {
        while (_pieces is [var first, ..] && first.Start + first.Bytes.Length <= acknowledged)
        {
            _forgotten = first.Start + first.Bytes.Length;
            _pieces.RemoveAt(0);
        }
    }

    /// <summary>Puts them in the place of the server's, and blanks in the place of what the client has.</summary>
    /// <returns>True when some were.</returns>
    public bool PutInto(long offset, Span<byte> bytes)
    {
        long blank = Math.Max(_first, offset),
            known = Math.Min(_forgotten, offset + bytes.Length);
        bool changed = known > blank;
        if (changed)
        {
            bytes[(int)(blank - offset)..(int)(known - offset)].Fill((byte)' ');
        }

        foreach ((long start, byte[] piece) in _pieces)
        {
            long from = Math.Max(start, offset),
                to = Math.Min(start + piece.Length, offset + bytes.Length);
            if (to > from)
            {
                piece.AsSpan((int)(from - start), (int)(to - from)).CopyTo(bytes[(int)(from - offset)..]);
                changed = true;
            }
        }

        return changed;
    }
}
