using Ocx.Gate.Counts;

namespace Ocx.Gate.Holding;

/// <summary>Counts what becomes of packets.</summary>
internal sealed class CountedExits(IPacketExits exits, WorkerCounts counts) : IPacketExits
{
    private uint _current;

    /// <summary>The packet that is decided on now has its verdict.</summary>
    public bool IsDecided { get; private set; }

    /// <summary>A packet is decided on.</summary>
    public void Begin(uint id) => (_current, IsDecided) = (id, false);

    /// <inheritdoc/>
    public void Accept(uint id)
    {
        counts.Packet(PacketFate.Passed);
        exits.Accept(id);
        IsDecided |= id == _current;
    }

    /// <inheritdoc/>
    public void Accept(uint id, ReadOnlySpan<byte> packet)
    {
        counts.Packet(PacketFate.Rewritten);
        exits.Accept(id, packet);
        IsDecided |= id == _current;
    }

    /// <inheritdoc/>
    public void Drop(uint id)
    {
        counts.Packet(PacketFate.Dropped);
        exits.Drop(id);
        IsDecided |= id == _current;
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> packet) => exits.Send(packet);
}
