namespace Ocx.Mcp.Buffers;

/// <summary>Bytes that all flows, bodies and open calls together may hold. One thread owns it.</summary>
/// <param name="limit">The bound, in bytes.</param>
/// <param name="whole">
/// The budget that this is a share of, or null: what is taken is taken from both, and the share ends before the whole.
/// </param>
public sealed class MemoryBudget(long limit, MemoryBudget? whole = null)
{
    private bool _reclaiming;

    /// <summary>The bound, in bytes.</summary>
    public long Limit { get; } = limit;

    /// <summary>Where those that are charged take their arrays from.</summary>
    internal ByteArrays Arrays { get; } = whole?.Arrays ?? new();

    /// <summary>Bytes taken and not yet given back; never above <see cref="Limit"/>.</summary>
    public long Used { get; private set; }

    /// <summary>
    /// Asked when memory is short: gives up what is worth least, or answers false when nothing may be given up. True
    /// asks for what calls need too.
    /// </summary>
    public Func<bool, bool>? Reclaim { get; set; }

    /// <summary>
    /// Takes <paramref name="bytes"/>, or takes nothing and answers false when that would pass the bound.
    /// </summary>
    /// <param name="bytes">How much; negative gives back.</param>
    /// <param name="forCall">
    /// True for what a new call cannot do without: calls that are open for longer make room for it.
    /// </param>
    public bool TryTake(long bytes, bool forCall = false)
    {
        if (Used + bytes > Limit && !TryMakeRoom(bytes, forCall))
        {
            return false;
        }

        if (whole?.TryTake(bytes, forCall) == false)
        {
            return false;
        }

        Used += bytes;
        return true;
    }

    /// <summary>Gives back what <see cref="TryTake"/> took.</summary>
    public void Return(long bytes)
    {
        Used -= bytes;
        whole?.Return(bytes);
    }

    private bool TryMakeRoom(long bytes, bool forCall)
    {
        // What is given up may not make others give up in turn.
        if (_reclaiming || Reclaim is null || bytes > Limit)
        {
            return false;
        }

        _reclaiming = true;
        try
        {
            while (Used + bytes > Limit && Reclaim(forCall)) { }
        }
        finally
        {
            _reclaiming = false;
        }

        return Used + bytes <= Limit;
    }
}
