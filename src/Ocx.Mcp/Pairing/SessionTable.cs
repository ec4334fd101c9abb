using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>Sessions by server and id, bounded in number and memory: one that was used longest ago gives way.</summary>
internal sealed class SessionTable(int maxSessions, MemoryBudget budget, McpCounters counters, OpenCalls calls)
{
    // Itself and its places in the table and the list.
    private const int OwnSize = 384;

    // One without open calls is looked for among so many that were used longest ago.
    private const int MostLookedAt = 8;

    private readonly Dictionary<
        (IpEndpoint Server, string Id),
        LinkedListNode<((IpEndpoint Server, string Id) Key, McpSession Session)>
    > _sessions = [];
    private readonly LinkedList<((IpEndpoint Server, string Id) Key, McpSession Session)> _byUse = [];
    private ulong _lastScope;

    /// <summary>A number for a new scope of ids: a session, or a connection without one.</summary>
    public ulong NextScope() => ++_lastScope;

    /// <summary>The session of a server with this id; a new one when it is not known.</summary>
    public McpSession FindOrAdd(IpEndpoint server, string id)
    {
        if (Find(server, id) is { } known)
        {
            return known;
        }

        var session = new McpSession(NextScope(), id);
        while (_sessions.Count >= maxSessions || !TryCharge(session, OwnSize))
        {
            if (_sessions.Count == 0)
            {
                counters.ShedSessions++;
                return session; // the exchange that named it knows it, and no other will
            }

            Shed();
        }

        _sessions.Add((server, id), _byUse.AddFirst(((server, id), session)));
        return session;
    }

    /// <summary>
    /// Charges a session, or a connection as one, for what it has learned; when there is no room for that, it forgets
    /// it.
    /// </summary>
    public void Charge(McpSession session)
    {
        long own = session.Id.Length > 0 ? OwnSize : 0;
        if ((session.Id.Length > 0 && session.Cost == 0) || !TryCharge(session, own))
        {
            session.ProtocolVersion = string.Empty;
            session.Client = session.Server = (string.Empty, string.Empty);
            session.ServerHost = session.ServerTarget = string.Empty;
            _ = session.Cost > 0 && TryCharge(session, own);
        }
    }

    /// <summary>Gives back what a session, or a connection as one, was charged for: it is gone.</summary>
    public void Discharge(McpSession session)
    {
        budget.Return(session.Cost);
        session.Cost = 0;
    }

    /// <summary>Forgets all sessions: the capture is over.</summary>
    public void Clear()
    {
        foreach ((_, McpSession session) in _byUse)
        {
            Discharge(session);
        }

        _sessions.Clear();
        _byUse.Clear();
    }

    private McpSession? Find(IpEndpoint server, string id)
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

    private bool TryCharge(McpSession session, long own)
    {
        long cost = own + session.TextSize;
        bool taken = cost <= session.Cost || budget.TryTake(cost - session.Cost);
        if (taken)
        {
            budget.Return(Math.Max(0, session.Cost - cost));
            session.Cost = cost;
        }

        return taken;
    }

    private void Shed()
    {
        var oldest = _byUse.Last!;
        var chosen = oldest;
        for (int looked = 1; chosen is { ValueRef.Session.Open.Count: > 0 } && looked < MostLookedAt; looked++)
        {
            chosen = chosen.Previous;
        }

        chosen ??= oldest;
        counters.ShedSessions++;
        McpSession session = chosen.Value.Session;
        _sessions.Remove(chosen.Value.Key);
        _byUse.Remove(chosen);
        Discharge(session);
        calls.Abandon(session, shed: true, calls.Now);
    }
}
