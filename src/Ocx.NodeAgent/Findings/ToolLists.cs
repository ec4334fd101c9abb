using Ocx.Mcp.Records;
using Ocx.Text;

namespace Ocx.NodeAgent.Findings;

/// <summary>
/// What tools each server told of, and how it described them: notices what changes. Bounded: the server whose list was
/// asked for longest ago gives way. Used by one thread.
/// </summary>
internal sealed class ToolLists
{
    /// <summary>
    /// The most servers that are remembered, each with at most <see cref="ToolList.MaxTools"/> tools.
    /// </summary>
    public const int MaxServers = 128;

    private const int LongestName = 64;

    private readonly Dictionary<ServerKey, Known> _servers = [];

    /// <summary>Remembers a list.</summary>
    /// <returns>What changed, as a clause; null when nothing did, and for the first list of a server.</returns>
    public string? Learn(in ServerKey server, ToolList list, long now)
    {
        if (!_servers.TryGetValue(server, out Known? known))
        {
            if (_servers.Count >= MaxServers)
            {
                _servers.Remove(_servers.MinBy(entry => entry.Value.AskedFor).Key);
            }
            _servers.Add(server, known = new Known());
        }
        known.AskedFor = now;
        return known.Learn(list);
    }

    private sealed class Known
    {
        private readonly Dictionary<string, ToolDefinition> _tools = new(StringComparer.Ordinal);
        private bool _isComplete;

        public long AskedFor { get; set; }

        public string? Learn(ToolList list)
        {
            var changes = new List<string>();
            foreach (ToolDefinition tool in list.Tools)
            {
                string name = tool.Name;
                bool isKnown = _tools.TryGetValue(name, out ToolDefinition before);
                if (isKnown ? before == tool : _tools.Count >= ToolList.MaxTools)
                {
                    continue;
                }
                _tools[name] = tool;
                if (isKnown)
                {
                    changes.Add(
                        $"the definition of tool {WireText.Quote(name, LongestName)} changed{Hints(before, tool)}"
                    );
                }
                else if (_isComplete && list.IsComplete)
                {
                    changes.Add($"tool {WireText.Quote(name, LongestName)} is new");
                }
            }
            if (list.IsComplete)
            {
                Forget(list, changes);
            }
            return changes switch
            {
                [] => null,
                [var only] => only,
                [var first, ..] => $"{first}, and {changes.Count - 1} more",
            };
        }

        // What a client may have let pass without asking, it may not any more.
        private static string Hints(in ToolDefinition before, in ToolDefinition after)
        {
            bool WasReadOnly(in ToolDefinition tool) => tool.Annotations.HasFlag(ToolAnnotations.ReadOnly);
            return WasReadOnly(before) && !WasReadOnly(after) ? ", and it is not said to be read-only any more" : "";
        }

        // A page tells nothing of the tools that are not on it.
        private void Forget(ToolList list, List<string> changes)
        {
            HashSet<string> listed = [.. list.Tools.Select(tool => tool.Name)];
            foreach (string gone in _tools.Keys.Where(name => !listed.Contains(name)).ToList())
            {
                _tools.Remove(gone);
                if (_isComplete)
                {
                    changes.Add($"tool {WireText.Quote(gone, LongestName)} is gone");
                }
            }
            _isComplete = true;
        }
    }
}
