using System.Runtime.InteropServices;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// What alone has a key. Of two with the same key neither is found until both are gone: which of them is meant is not
/// certain.
/// </summary>
internal sealed class OnlyOnes<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private readonly Dictionary<TKey, (TValue? Only, int Count)> _entries = [];

    /// <summary>How many keys there are.</summary>
    public int Count => _entries.Count;

    /// <summary>True when one or more have the key.</summary>
    public bool Has(TKey key) => _entries.ContainsKey(key);

    /// <summary>The one that has the key alone; null when there is none, or more than one.</summary>
    public TValue? Find(TKey key) => _entries.GetValueOrDefault(key).Only;

    /// <summary>Adds one; each is to be removed again.</summary>
    public void Add(TKey key, TValue value)
    {
        ref (TValue? Only, int Count) entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, key, out _);
        entry = (entry.Count == 0 || entry.Only == value ? value : null, entry.Count + 1);
    }

    /// <summary>Removes one that was added under the key.</summary>
    public void Remove(TKey key)
    {
        ref (TValue? Only, int Count) entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, key);
        if (--entry.Count == 0)
        {
            _entries.Remove(key);
        }
    }
}
