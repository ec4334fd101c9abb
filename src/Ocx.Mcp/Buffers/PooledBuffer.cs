namespace Ocx.Mcp.Buffers;

/// <summary>
/// A growing run of bytes in a pooled array, charged to a <see cref="MemoryBudget"/> and bounded by itself.
/// </summary>
public sealed class PooledBuffer(MemoryBudget budget, int maxLength)
{
    private byte[] _array = [];

    /// <summary>What it is charged to; to be changed after <see cref="Release"/>, before it holds anything.</summary>
    public MemoryBudget Budget { get; set; } = budget;

    /// <summary>The most bytes that it holds; to be changed while it is empty.</summary>
    public int MaxLength { get; set; } = maxLength;

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that it is charged for.</summary>
    internal int Charged => _array.Length;

    /// <summary>True when bytes were left out because the budget had no room for them.</summary>
    public bool IsStarved { get; private set; }

    /// <summary>The bytes held; valid until the next change.</summary>
    public ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    /// <summary>The same, to be changed in their place.</summary>
    public Span<byte> Writable => _array.AsSpan(0, Length);

    /// <summary>
    /// Appends as much as fits; false when something was left out (the buffer's own bound or the budget).
    /// </summary>
    public bool Append(ReadOnlySpan<byte> data)
    {
        int fits = Math.Min(data.Length, MaxLength - Length);
        if (Length + fits > _array.Length && !TryGrow(Length + fits))
        {
            return false;
        }

        data[..fits].CopyTo(_array.AsSpan(Length));
        Length += fits;
        return fits == data.Length;
    }

    /// <summary>Forgets the bytes and keeps the array for the next use.</summary>
    public void Clear() => (Length, IsStarved) = (0, false);

    /// <summary>Forgets the bytes and gives the array back to the pool and the budget.</summary>
    public void Release()
    {
        Length = 0;
        IsStarved = false;
        if (_array.Length > 0)
        {
            Budget.Return(_array.Length);
            Budget.Arrays.Return(_array);
            _array = [];
        }
    }

    private bool TryGrow(int needed)
    {
        byte[] grown = Budget.Arrays.Rent(Math.Max(needed, _array.Length * 2));
        if (!Budget.TryTake(grown.Length - _array.Length))
        {
            Budget.Arrays.Return(grown);
            IsStarved = true;
            return false;
        }

        Span.CopyTo(grown);
        if (_array.Length > 0)
        {
            Budget.Arrays.Return(_array);
        }

        _array = grown;
        return true;
    }
}
