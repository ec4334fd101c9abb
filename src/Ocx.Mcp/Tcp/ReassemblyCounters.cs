namespace Ocx.Mcp.Tcp;

/// <summary>What reassembly has seen and shed since the start.</summary>
public sealed class ReassemblyCounters
{
    /// <summary>Segments taken.</summary>
    public long Segments { get; internal set; }

    /// <summary>Payload bytes on the wire in those segments.</summary>
    public long Bytes { get; internal set; }

    /// <summary>SYN segments without payload; they hold no memory of their own.</summary>
    public long Syns { get; internal set; }

    /// <summary>Connections followed.</summary>
    public long Connections { get; internal set; }

    /// <summary>
    /// Further names that connections were seen under, as their addresses were translated on the way.
    /// </summary>
    public long Translations { get; internal set; }

    /// <summary>
    /// Segments that brought nothing new: retransmissions, keep-alives, duplicates, second sights under translated
    /// addresses.
    /// </summary>
    public long Duplicates { get; internal set; }

    /// <summary>Segments that had to wait for earlier bytes.</summary>
    public long OutOfOrder { get; internal set; }

    /// <summary>Gaps given up on.</summary>
    public long Gaps { get; internal set; }

    /// <summary>Bytes missing in those gaps.</summary>
    public long GapBytes { get; internal set; }

    /// <summary>
    /// Segments far outside of what their connection can have sent. They change nothing unless others agree with them.
    /// </summary>
    public long Strays { get; internal set; }

    /// <summary>Connections given up with what they held: there were too many, or memory was short.</summary>
    public long ShedConnections { get; internal set; }

    /// <summary>
    /// Connections forgotten while they held nothing: after the idle time, or to make room. The next message joins them
    /// again.
    /// </summary>
    public long IdleConnections { get; internal set; }

    /// <summary>
    /// Segments that could not wait for earlier bytes, which became a gap: the flow's bound or the memory budget.
    /// </summary>
    public long ShedSegments { get; internal set; }
}
