using System.Runtime.InteropServices;

namespace Ocx.NodeAgent.Telemetry;

/// <summary>
/// One value for each of at most so many keys. What comes when they are taken shares the value of another key and is counted, so that names
/// from the wire can fill neither this memory nor Prometheus'. Used under its owner's lock.
/// </summary>
internal sealed class BoundedSeries<TKey, TValue>(int limit)
    where TKey : struct, IEquatable<TKey>
    where TValue : new()
{
    private readonly Dictionary<TKey, TValue> _values = [];

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
        bool full = _values.Count >= limit;
        Overflow += full ? 1ul : 0;
        ref TValue? value = ref CollectionsMarshal.GetValueRefOrAddDefault(_values, full ? instead : key, out _);
        value ??= new TValue();
        return ref value!;
    }
}
