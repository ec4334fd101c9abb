namespace Ocx.Kube;

/// <summary>Allows so much at once, and after that one more in each interval. For any thread.</summary>
/// <param name="size">How much at once.</param>
/// <param name="refill">The interval after which there is one more.</param>
/// <param name="time">The clock.</param>
public sealed class TokenBucket(int size, TimeSpan refill, TimeProvider time)
{
    private readonly Lock _lock = new();
    private double _tokens = size;
    private long _at = time.GetTimestamp();

    /// <summary>Whether nothing was taken, or all of it has come back.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                Refill();
                return _tokens >= size;
            }
        }
    }

    /// <summary>Whether there is one to take.</summary>
    public bool HasToken
    {
        get
        {
            lock (_lock)
            {
                Refill();
                return _tokens >= 1;
            }
        }
    }

    /// <summary>Takes one, if there is one.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            Refill();
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }

    private void Refill()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(size, _tokens + (time.GetElapsedTime(_at, now) / refill));
        _at = now;
    }
}
