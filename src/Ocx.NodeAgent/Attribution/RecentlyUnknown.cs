namespace Ocx.NodeAgent.Attribution;

/// <summary>
/// What was waited for in vain not long ago, and is not waited for again for a time. Bounded. Used by one thread.
/// </summary>
/// <typeparam name="T">What they are known by.</typeparam>
internal sealed class RecentlyUnknown<T>
    where T : notnull
{
    private const int Capacity = 4096;
    private const long Forgotten = 5 * 60 * 1_000_000_000L;

    private readonly Dictionary<T, long> _until = [];

    /// <summary>Is this one of them?</summary>
    public bool Has(T key, long now) => _until.TryGetValue(key, out long until) && now < until;

    /// <summary>This one has not become known.</summary>
    public void Add(T key, long now)
    {
        if (_until.Count >= Capacity)
        {
            _until.Clear();
        }
        _until[key] = now + Forgotten;
    }
}
