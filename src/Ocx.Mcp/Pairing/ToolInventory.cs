using Ocx.Mcp.Buffers;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// What servers said of their tools in their last lists, bounded in number and memory: the server whose list came
/// longest ago gives way.
/// </summary>
internal sealed class ToolInventory(MemoryBudget budget)
{
    private const int MostServers = 128;
    private const long OwnSize = 512;

    private readonly Dictionary<IpEndpoint, LinkedListNode<Listed>> _servers = [];
    private readonly LinkedList<Listed> _byAge = [];
    private readonly long _mostBytes = budget.Limit / 16;
    private long _bytes;

    /// <summary>Nothing is known of any server.</summary>
    public bool IsEmpty => _servers.Count == 0;

    /// <summary>Takes a list; one that is not whole adds to what is known.</summary>
    public void Learn(IpEndpoint server, List<ToolTraits> tools, bool isWhole)
    {
        Listed listed = new(server);
        if (_servers.TryGetValue(server, out LinkedListNode<Listed>? known))
        {
            listed = isWhole ? listed : known.Value;
            Forget(known);
        }

        foreach (ToolTraits tool in tools.Take(ToolList.MaxTools - listed.Tools.Count))
        {
            listed.Tools[tool.Name] = tool;
        }

        if (listed.Tools.Count == 0)
        {
            return;
        }

        listed.Size = OwnSize + listed.Tools.Values.Sum(tool => tool.Size);
        while (_byAge.First is { } oldest && (_servers.Count >= MostServers || _bytes + listed.Size > _mostBytes))
        {
            Forget(oldest);
        }

        if (_bytes + listed.Size <= _mostBytes && budget.TryTake(listed.Size))
        {
            _bytes += listed.Size;
            _servers.Add(server, _byAge.AddLast(listed));
        }
    }

    /// <summary>What is known of a tool; null when it is nothing.</summary>
    public ToolTraits? Find(IpEndpoint server, string tool) =>
        _servers.TryGetValue(server, out LinkedListNode<Listed>? listed)
            ? listed.Value.Tools.GetValueOrDefault(tool)
            : null;

    /// <summary>Forgets all: the capture is over.</summary>
    public void Clear()
    {
        while (_byAge.First is { } oldest)
        {
            Forget(oldest);
        }
    }

    private void Forget(LinkedListNode<Listed> listed)
    {
        budget.Return(listed.Value.Size);
        _bytes -= listed.Value.Size;
        _servers.Remove(listed.Value.Server);
        _byAge.Remove(listed);
    }

    private sealed class Listed(IpEndpoint server)
    {
        public IpEndpoint Server { get; } = server;

        public Dictionary<string, ToolTraits> Tools { get; } = new(StringComparer.Ordinal);

        public long Size { get; set; }
    }
}
