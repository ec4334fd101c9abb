using System.Runtime.InteropServices;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>
/// One value for each of at most so many keys that together show as at most so many bytes. What comes when these are
/// taken shares the value of another key and is counted, so that names from the wire can fill neither this memory nor
/// Prometheus'. Used under its owner's lock.
/// </summary>
/// <param name="limit">The most keys, besides those that the others share.</param>
/// <param name="maxBytes">The most bytes that they may take where they are shown.</param>
/// <param name="sizeOf">How many bytes a key takes there.</param>
internal sealed class BoundedSeries<TKey, TValue>(int limit, long maxBytes, Func<TKey, long> sizeOf)
    where TKey : struct, IEquatable<TKey>
    where TValue : new()
{
    private readonly Dictionary<TKey, TValue> _values = [];
    private long _bytes;
    private bool _full;

    /// <summary>How often a key had to give way.</summary>
    public ulong Overflow { get; private set; }

    /// <summary>The keys and their values.</summary>
    public IReadOnlyDictionary<TKey, TValue> Values => _values;

    /// <summary>The value of a key, or of <paramref name="instead"/> when it would be one too many.</summary>
    public ref TValue Of(in TKey key, in TKey instead)
    {
        ref TValue? known = ref CollectionsMarshal.GetValueRefOrNullRef(_values, key)!;
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref known))
        {
            return ref known!;
        }
        if (!_full)
        {
            long size = sizeOf(key);
            _full = _values.Count >= limit || _bytes + size > maxBytes;
            _bytes += _full ? 0 : size;
        }
        Overflow += _full ? 1ul : 0;
        ref TValue? value = ref CollectionsMarshal.GetValueRefOrAddDefault(_values, _full ? instead : key, out _);
        value ??= new TValue();
        return ref value!;
    }
}
