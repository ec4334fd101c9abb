namespace Ocx.Gate.Holding;

/// <summary>
/// Decides on the packets of one queue. All calls come from the queue's one thread; each packet gets exactly one
/// verdict, at once or later, by the <see cref="IPacketExits"/> that belong to the queue.
/// </summary>
internal interface IPacketConsumer
{
    /// <summary>
    /// When <see cref="Tick"/> is wanted next, in nanoseconds of the clock that it is given; the largest number is
    /// never.
    /// </summary>
    long NextTickNs { get; }

    /// <summary>A packet waits for a verdict.</summary>
    /// <param name="id">The queue's number for it.</param>
    /// <param name="isInput">Whether it goes to the server, or comes from it.</param>
    /// <param name="isUnverified">Whether its TCP checksum is still to be verified.</param>
    /// <param name="packet">
    /// From the IP header on. It is lent for the call, and shorter than the header says when it did not fit.
    /// </param>
    void OnPacket(uint id, bool isInput, bool isUnverified, ReadOnlySpan<byte> packet);

    /// <summary>Another thread woke the queue's thread.</summary>
    void OnWake();

    /// <summary>The time for which <see cref="NextTickNs"/> asked has come.</summary>
    /// <param name="nowNs">A time that only goes forward, in nanoseconds.</param>
    void Tick(long nowNs);

    /// <summary>The verdicts on all packets so far are sent: what takes time and holds nobody up comes now.</summary>
    void OnFlushed();

    /// <summary>The queue closes: what is held gets its verdicts now.</summary>
    void OnStop();
}
