using System.Diagnostics.CodeAnalysis;
using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Holding;

/// <summary>The connections that are known, and what each client has of them.</summary>
/// <param name="bounds">How many there may be.</param>
/// <param name="budget">What all of them may hold.</param>
internal sealed class ConnectionTable(KeeperBounds bounds, MemoryBudget budget)
{
    private readonly Dictionary<(IpEndpoint Client, IpEndpoint Server), GateConnection> _all = [];
    private readonly Dictionary<UInt128, ClientShare> _shares = [];

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<GateConnection> All => _all.Values;

    /// <summary>The connection between two ends.</summary>
    public bool TryGet(IpEndpoint client, IpEndpoint server, [NotNullWhen(true)] out GateConnection? connection) =>
        _all.TryGetValue((client, server), out connection);

    /// <summary>Makes a connection; false when there are too many, of all or of this client.</summary>
    /// <param name="client">Its client.</param>
    /// <param name="server">Its server.</param>
    /// <param name="keeper">Who decides on its packets.</param>
    /// <param name="now">Monotonic nanoseconds.</param>
    /// <param name="connection">It.</param>
    public bool TryAdd(
        IpEndpoint client,
        IpEndpoint server,
        Gatekeeper keeper,
        long now,
        [NotNullWhen(true)] out GateConnection? connection
    )
    {
        connection = null;
        if (_all.Count >= bounds.MaxConnections)
        {
            return false;
        }

        UInt128 address = ClientShare.Of(client);
        if (!_shares.TryGetValue(address, out ClientShare? share))
        {
            _shares.Add(address, share = new ClientShare(bounds, budget));
        }

        if (share.IsFull)
        {
            return false;
        }

        share.Connections++;
        connection = new GateConnection(client, server, keeper, share.ForConnection()) { Since = now, LastSeen = now };
        _all.Add((client, server), connection);
        return true;
    }

    /// <summary>Forgets a connection.</summary>
    public void Remove(GateConnection connection)
    {
        UInt128 client = ClientShare.Of(connection.Client);
        if (_all.Remove((connection.Client, connection.Server)) && --_shares[client].Connections == 0)
        {
            _shares.Remove(client);
        }
    }
}
