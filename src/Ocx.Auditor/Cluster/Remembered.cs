using System.Diagnostics.CodeAnalysis;

namespace Ocx.Auditor.Cluster;

/// <summary>Values that hold for a while, so many at most: beyond that all are forgotten. For any thread.</summary>
internal sealed class Remembered<T>(int most, TimeSpan lifetime, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (T Value, long Since)> _values = new(StringComparer.Ordinal);

    public bool TryGet(string key, [MaybeNullWhen(false)] out T value)
    {
        lock (_lock)
        {
            if (_values.TryGetValue(key, out (T Value, long Since) known))
            {
                if (time.GetElapsedTime(known.Since) < lifetime)
                {
                    value = known.Value;
                    return true;
                }

                _values.Remove(key);
            }

            value = default;
            return false;
        }
    }

    public void Set(string key, T value)
    {
        lock (_lock)
        {
            if (_values.Count >= most)
            {
                _values.Clear();
            }

            _values[key] = (value, time.GetTimestamp());
        }
    }
}
