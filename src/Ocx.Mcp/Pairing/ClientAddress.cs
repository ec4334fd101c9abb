using Ocx.Mcp.Tcp;

namespace Ocx.Mcp.Pairing;

/// <summary>
/// Whom a connection is from, as far as addresses tell; see <see cref="ConnectionEnds.NamedClient"/>.
/// </summary>
/// <param name="Peer">The address of the peer.</param>
/// <param name="Named">The address that a proxy in front named; 0 when none did.</param>
internal readonly record struct ClientAddress(UInt128 Peer, UInt128 Named)
{
    /// <summary>The client of a connection, under the name by which it was first seen.</summary>
    public static ClientAddress Of(ConnectionEnds ends, int clientSide) =>
        new((clientSide == 0 ? ends.Key.Low : ends.Key.High).Address, ends.NamedClient?.Address ?? default);
}
