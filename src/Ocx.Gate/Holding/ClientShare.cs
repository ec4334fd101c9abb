using Ocx.Mcp.Buffers;
using Ocx.Mcp.Tcp;

namespace Ocx.Gate.Holding;

/// <summary>
/// What one client may have of a worker, so that it cannot take all: half of the memory and of the connections, and for
/// each of its connections a quarter of the memory.
/// </summary>
/// <param name="bounds">The worker's.</param>
/// <param name="whole">What all clients hold.</param>
internal sealed class ClientShare(KeeperBounds bounds, MemoryBudget whole)
{
    private readonly MemoryBudget _held = new(whole.Limit / 2, whole);

    /// <summary>Its connections.</summary>
    public int Connections { get; set; }

    /// <summary>It may have no more connections.</summary>
    public bool IsFull => Connections >= Math.Max(1, bounds.MaxConnections / 2);

    /// <summary>What one connection may hold.</summary>
    public MemoryBudget ForConnection() => new(whole.Limit / 4, _held);

    /// <summary>Which client it is: an address; of IPv6 the network that a single host may have all of.</summary>
    public static UInt128 Of(IpEndpoint client) =>
        client.IsIPv4 ? client.Address : client.Address & (UInt128.MaxValue << 64);
}
