using System.Runtime.InteropServices;

namespace Ocx.Audit.Signals;

/// <summary>
/// So many values by key, those used last; the one unused the longest makes room. For one thread at a time.
/// </summary>
internal sealed class RecentlyUsed<TKey, TValue>(int capacity)
    where TKey : notnull
    where TValue : struct
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _nodes = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _byUse = new();

    public int Count => _nodes.Count;

    /// <summary>The value of a key, to read and to change until the next call; a fresh one for a new key.</summary>
    public ref TValue this[TKey key]
    {
        get
        {
            ref LinkedListNode<(TKey Key, TValue Value)>? node = ref CollectionsMarshal.GetValueRefOrAddDefault(
                _nodes,
                key,
                out bool known
            );
            if (known)
            {
                _byUse.Remove(node!);
            }
            else
            {
                node = new LinkedListNode<(TKey Key, TValue Value)>((key, default));
            }

            _byUse.AddLast(node!);
            LinkedListNode<(TKey Key, TValue Value)> found = node!;
            if (_nodes.Count > capacity)
            {
                _nodes.Remove(_byUse.First!.Value.Key);
                _byUse.RemoveFirst();
            }

            return ref found.ValueRef.Value;
        }
    }
}
