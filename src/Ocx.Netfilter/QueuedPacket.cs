namespace Ocx.Netfilter;

/// <summary>A packet that the kernel holds until it has a verdict. It is lent until the next one is received.</summary>
public readonly ref struct QueuedPacket
{
    /// <summary>What a verdict names it by. The kernel counts up from 1 for each queue.</summary>
    public required uint Id { get; init; }

    /// <summary>Where it was queued.</summary>
    public required NetfilterHook Hook { get; init; }

    /// <summary>The packet's mark; 0 when it has none.</summary>
    public required uint Mark { get; init; }

    /// <summary>The interface that it came in by; 0 for a packet of a local socket.</summary>
    public required uint InputInterface { get; init; }

    /// <summary>The interface that it goes out by; 0 for a packet to a local socket.</summary>
    public required uint OutputInterface { get; init; }

    /// <summary>
    /// Whether the TCP checksum is left for the hardware to fill in: it is wrong as it stands, and rightly so.
    /// </summary>
    public required bool ChecksumPending { get; init; }

    /// <summary>
    /// Whether the kernel is still to verify the TCP checksum: of a packet that came from outside and that neither the
    /// hardware nor the kernel has looked at. One that is wrong is thrown away behind the queue.
    /// </summary>
    public required bool ChecksumUnverified { get; init; }

    /// <summary>
    /// The packet's length in bytes. The payload is less when it did not fit (more than 65,531 bytes).
    /// </summary>
    public required uint OriginalLength { get; init; }

    /// <summary>The packet from its IP header on.</summary>
    public required ReadOnlySpan<byte> Payload { get; init; }
}
