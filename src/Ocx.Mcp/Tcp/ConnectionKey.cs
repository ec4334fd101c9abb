namespace Ocx.Mcp.Tcp;

/// <summary>The two ends of a connection in a fixed order, so that both directions have the same key.</summary>
/// <param name="Low">The lesser end.</param>
/// <param name="High">The greater end.</param>
public readonly record struct ConnectionKey(IpEndpoint Low, IpEndpoint High)
{
    /// <summary>The key of the connection between two ends, in either order.</summary>
    public static ConnectionKey Of(IpEndpoint a, IpEndpoint b) => a < b ? new(a, b) : new(b, a);

    /// <summary>Seeded per process by <see cref="HashCode"/>: a peer cannot choose ports that collide.</summary>
    public override int GetHashCode() =>
        HashCode.Combine(
            (ulong)Low.Address,
            (ulong)(Low.Address >> 64),
            (ulong)High.Address,
            (ulong)(High.Address >> 64),
            (Low.Port << 16) | High.Port
        );
}
