namespace Ocx.Auditor.Intake;

/// <summary>
/// Lives of agents or gates that were heard of; the one unheard of the longest is forgotten. For any thread.
/// </summary>
/// <param name="most">How many are known at once.</param>
/// <param name="make">Makes one of its name and node.</param>
internal sealed class RecentInstances<T>(int most, Func<string, string, T> make)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, string Node), LinkedListNode<Entry>> _byName = [];
    private readonly LinkedList<Entry> _byUse = new();

    /// <summary>One, as its stream opens.</summary>
    /// <param name="name">What its keys begin with.</param>
    /// <param name="node">The node that it is told from: of the same name another node has another instance.</param>
    public T Open(string name, string node)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue((name, node), out LinkedListNode<Entry>? known))
            {
                _byUse.Remove(known);
            }
            else
            {
                known = new(new Entry((name, node), make(name, node)));
                _byName.Add((name, node), known);
            }

            _byUse.AddLast(known);
            if (_byName.Count > most)
            {
                _byName.Remove(_byUse.First!.Value.Key);
                _byUse.RemoveFirst();
            }

            return known.Value.Instance;
        }
    }

    private readonly record struct Entry((string Name, string Node) Key, T Instance);
}
