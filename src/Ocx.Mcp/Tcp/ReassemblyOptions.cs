namespace Ocx.Mcp.Tcp;

/// <summary>The bounds of TCP reassembly. Times are by the capture's monotonic clock.</summary>
public sealed record ReassemblyOptions
{
    /// <summary>Connections followed at once; the one that is worth least, and quiet for longest, gives way.</summary>
    public int MaxConnections { get; init; } = 65_536;

    /// <summary>Bytes that one direction may hold back while it waits for missing ones.</summary>
    public int MaxHeldBytes { get; init; } = 4 << 20;

    /// <summary>Segments that one direction may hold back.</summary>
    public int MaxHeldSegments { get; init; } = 4096;

    /// <summary>A connection quiet for so long is forgotten. A slow tool is silent for minutes.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// For so long it is remembered that a connection ended, so that late duplicates do not open it again. It holds no
    /// other memory by then.
    /// </summary>
    public TimeSpan ClosedLinger { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long to wait for bytes that nobody has acknowledged: a sender may still repeat them (RFC 6298 backs off).
    /// </summary>
    public TimeSpan HoleTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long to wait for bytes that the receiver has acknowledged: the tap can only have missed or reordered them.
    /// </summary>
    public TimeSpan AcknowledgedGrace { get; init; } = TimeSpan.FromMilliseconds(100);
}
