namespace Ocx.Mcp.Tcp;

/// <summary>
/// What the two ends of a connection are called. Where addresses are translated on the way (a Service's to a pod's, a
/// pod's to its node's), an end knows the other by a name that the other does not have itself.
/// </summary>
/// <param name="key">The two ends as they were first seen.</param>
public sealed class ConnectionEnds(ConnectionKey key)
{
    private (IpEndpoint Own, IpEndpoint Peer) _low = (key.Low, key.High);
    private (IpEndpoint Own, IpEndpoint Peer) _high = (key.High, key.Low);

    /// <summary>
    /// The two ends as they were first seen; side 0 is the low one. What is remembered of them goes by this name: it
    /// does not change.
    /// </summary>
    public ConnectionKey Key => key;

    /// <summary>
    /// The client that a proxy named before the first request (PROXY protocol); null when none did. It is what the
    /// proxy says.
    /// </summary>
    public IpEndpoint? NamedClient { get; internal set; }

    /// <summary>The address that an end has itself.</summary>
    public IpEndpoint this[int side] => side == 0 ? _low.Own : _high.Own;

    /// <summary>The address that an end sends to, whoever answers there.</summary>
    public IpEndpoint PeerOf(int side) => side == 0 ? _low.Peer : _high.Peer;

    /// <summary>True when a segment that one side sent names one of the ends at least as it is known.</summary>
    internal bool Shares(int sender, in TcpSegment segment) =>
        segment.Source == this[sender]
        || segment.Source == PeerOf(1 - sender)
        || segment.Destination == this[1 - sender]
        || segment.Destination == PeerOf(sender);

    /// <summary>
    /// A segment was seen again under other addresses. The sender wrote those of its first sight, the receiver reads
    /// those of its last: so the receiver's own address is the new one.
    /// </summary>
    internal void Learn(int sender, in TcpSegment again)
    {
        if (sender == 0)
        {
            _high = (again.Destination, again.Source);
        }
        else
        {
            _low = (again.Destination, again.Source);
        }
    }
}
