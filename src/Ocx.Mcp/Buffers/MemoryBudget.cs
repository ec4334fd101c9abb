namespace Ocx.Mcp.Buffers;

/// <summary>Bytes that all flows, bodies and open calls together may hold. One thread owns it.</summary>
/// <param name="limit">The bound, in bytes.</param>
public sealed class MemoryBudget(long limit)
{
    /// <summary>The bound, in bytes.</summary>
    public long Limit { get; } = limit;

    /// <summary>Bytes taken and not yet given back; never above <see cref="Limit"/>.</summary>
    public long Used { get; private set; }

    /// <summary>Takes <paramref name="bytes"/>, or takes nothing and answers false when that would pass the bound.</summary>
    public bool TryTake(long bytes)
    {
        if (Used + bytes > Limit)
        {
            return false;
        }

        Used += bytes;
        return true;
    }

    /// <summary>Gives back what <see cref="TryTake"/> took.</summary>
    public void Return(long bytes) => Used -= bytes;
}
