using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>What the handshake of a session, or of a connection without one, told about its two ends.</summary>
internal sealed class McpSession(ulong scope, string id)
{
    /// <summary>The number under which the session's open calls are found.</summary>
    public ulong Scope { get; } = scope;

    public string Id { get; } = id;

    /// <summary>The id as records show it, worked out when the first one does.</summary>
    public string? ShownId { get; set; }

    public string ProtocolVersion { get; set; } = string.Empty;

    public (string Name, string Version) Client { get; set; } = (string.Empty, string.Empty);

    public (string Name, string Version) Server { get; set; } = (string.Empty, string.Empty);
}

/// <summary>Sessions by server and id, bounded: the one that was used longest ago gives way.</summary>
internal sealed class SessionTable(int maxSessions)
{
    private readonly Dictionary<(IpEndpoint Server, string Id), LinkedListNode<((IpEndpoint Server, string Id) Key, McpSession Session)>> _sessions = [];
    private readonly LinkedList<((IpEndpoint Server, string Id) Key, McpSession Session)> _byUse = [];
    private ulong _lastScope;

    /// <summary>A number for a new scope of ids: a session, or a connection without one.</summary>
    public ulong NextScope() => ++_lastScope;

    public McpSession? Find(IpEndpoint server, string id)
    {
        // Messages of a session come in rows.
        if (_byUse.First is { } newest && newest.ValueRef.Key.Id == id && newest.ValueRef.Key.Server == server)
        {
            return newest.ValueRef.Session;
        }

        if (!_sessions.TryGetValue((server, id), out var node))
        {
            return null;
        }

        if (_byUse.First != node)
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
        }

        return node.Value.Session;
    }

    public McpSession FindOrAdd(IpEndpoint server, string id)
    {
        if (Find(server, id) is { } known)
        {
            return known;
        }

        if (_sessions.Count >= maxSessions)
        {
            _sessions.Remove(_byUse.Last!.Value.Key);
            _byUse.RemoveLast();
        }

        var session = new McpSession(NextScope(), id);
        _sessions.Add((server, id), _byUse.AddFirst(((server, id), session)));
        return session;
    }
}
