namespace Ocx.Netfilter;

/// <summary>How a queue is opened.</summary>
public sealed record PacketQueueOptions
{
    /// <summary>The queue's number: what <c>NFQUEUE --queue-num</c> says.</summary>
    public required ushort Number { get; init; }

    /// <summary>
    /// The most packets that the kernel keeps for this queue, waiting or held. By default so many that the receive
    /// buffer is full before: what passes a queue since it has its most is counted nowhere.
    /// </summary>
    public uint MaxLength { get; init; } = 65_536;

    /// <summary>
    /// Whether a packet for which there is no room, in the queue or in the receive buffer, goes on as if there were no
    /// queue. Else it is dropped, and TCP sends it again.
    /// </summary>
    public bool PassWhenFull { get; init; }

    /// <summary>The most bytes of packets that wait to be received. The kernel counts twice this.</summary>
    public int ReceiveBuffer { get; init; } = 8 << 20;
}
