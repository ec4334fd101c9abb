using Ocx.Gate.Holding;
using Ocx.Netfilter;

namespace Ocx.Gate.Queues;

/// <summary>The ways out of one queue. Verdicts leave when the queue's thread has received what there is.</summary>
internal sealed class QueueExits(PacketQueue queue, RawSender sender) : IPacketExits
{
    /// <inheritdoc/>
    public void Accept(uint id) => queue.Accept(id);

    /// <inheritdoc/>
    public void Accept(uint id, ReadOnlySpan<byte> packet) => queue.Accept(id, packet);

    /// <inheritdoc/>
    public void Drop(uint id) => queue.Drop(id);

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> packet) => sender.Send(packet);
}
