namespace Ocx.Cli.Pcap;

/// <summary>One packet of a capture file. Its bytes are lent until the next one is read.</summary>
internal readonly ref struct CapturedPacket
{
    /// <summary>What its bytes begin with.</summary>
    public required LinkType LinkType { get; init; }

    /// <summary>When it was captured, in nanoseconds since the Unix epoch.</summary>
    public required long TimestampUnixNs { get; init; }

    /// <summary>Its bytes on the wire, of which <see cref="Data"/> may hold fewer.</summary>
    public required long OriginalLength { get; init; }

    /// <summary>What was captured of it.</summary>
    public required ReadOnlySpan<byte> Data { get; init; }
}
