namespace Ocx.Mcp.Http;

/// <summary>An allowance that time fills again, up to its capacity; full at first.</summary>
internal struct TokenBucket(long capacity, long perSecond)
{
    private readonly long _capacity = capacity;
    private long _level = capacity;
    private long _filledAt = long.MinValue;

    /// <summary>Fills up for the time since the last call. A clock that goes back fills nothing.</summary>
    /// <param name="nowUnixNs">The capture's clock, in nanoseconds since the Unix epoch.</param>
    public void Fill(long nowUnixNs)
    {
        if (_filledAt == long.MinValue || nowUnixNs < _filledAt)
        {
            _filledAt = nowUnixNs;
            return;
        }

        double seconds = (nowUnixNs - _filledAt) / 1e9;
        long gained = (long)Math.Min(_capacity, seconds * perSecond);
        if (gained > 0)
        {
            _level = Math.Min(_capacity, _level + gained);
            _filledAt = nowUnixNs;
        }
    }

    /// <summary>Takes as much, or nothing when there is less than that above <paramref name="reserve"/>.</summary>
    public bool TryTake(long amount, long reserve = 0)
    {
        if (_level - amount < reserve)
        {
            return false;
        }

        _level -= amount;
        return true;
    }
}
