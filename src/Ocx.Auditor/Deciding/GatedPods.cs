using System.Collections.Concurrent;

namespace Ocx.Auditor.Deciding;

/// <summary>
/// The pods whose calls are held, as the gates of their nodes say. What a gate has said holds on when it goes: its
/// rules stay, and the next gate of the node takes them over. For any thread.
/// </summary>
internal sealed class GatedPods
{
    private readonly ConcurrentDictionary<string, HashSet<string>> _byNode = new(StringComparer.Ordinal);

    /// <summary>A gate says which pods it holds calls of: these, and no other of its node.</summary>
    /// <param name="node">The gate's node, which it has proved.</param>
    /// <param name="uids">The pods.</param>
    public void Set(string node, IEnumerable<string> uids) => _byNode[node] = new(uids, StringComparer.Ordinal);

    /// <summary>Has a gate of the pod's own node said that it holds the pod's calls?</summary>
    public bool Has(string node, string uid) =>
        _byNode.TryGetValue(node, out HashSet<string>? pods) && pods.Contains(uid);
}
