namespace Ocx.Mcp.Tcp;

/// <summary>
/// The first sequence numbers of the connections opened lately, in a table of fixed size: a SYN holds no other memory, so a
/// flood of them evicts itself and nothing else.
/// </summary>
internal sealed class SynCache
{
    private const int Slots = 8192;
    private readonly (IpEndpoint Source, IpEndpoint Destination, uint Sequence)[] _slots = new (IpEndpoint, IpEndpoint, uint)[Slots];

    public void Add(in TcpSegment syn) => Slot(syn.Source, syn.Destination) = (syn.Source, syn.Destination, syn.Sequence);

    /// <summary>Takes the sequence number of the SYN that <paramref name="source"/> sent, if it is still known.</summary>
    public uint? Take(IpEndpoint source, IpEndpoint destination)
    {
        ref var slot = ref Slot(source, destination);
        if (slot.Source != source || slot.Destination != destination)
        {
            return null;
        }

        uint sequence = slot.Sequence;
        slot = default;
        return sequence;
    }

    private ref (IpEndpoint Source, IpEndpoint Destination, uint Sequence) Slot(IpEndpoint source, IpEndpoint destination) =>
        ref _slots[(uint)HashCode.Combine(source, destination) % Slots];
}
