namespace Ocx.Mcp.Tcp;

/// <summary>
/// The first sequence numbers of the connections opened lately, in a table of fixed size (about 650 KB): a SYN holds no
/// other memory, so a flood of them evicts itself and nothing else.
/// </summary>
internal sealed class SynCache
{
    private const int Slots = 8192;
    private readonly (IpEndpoint Source, IpEndpoint Destination, uint Sequence)[] _slots = new (
        IpEndpoint,
        IpEndpoint,
        uint
    )[Slots];

    public void Add(in TcpSegment syn) =>
        Slot(syn.Source, syn.Destination) = (syn.Source, syn.Destination, syn.Sequence);

    /// <summary>
    /// The number of the first byte after the SYN that <paramref name="source"/> sent, if it is still known.
    /// </summary>
    public uint? FirstByte(IpEndpoint source, IpEndpoint destination)
    {
        ref var slot = ref Slot(source, destination);
        return slot.Source == source && slot.Destination == destination ? unchecked(slot.Sequence + 1) : null;
    }

    /// <summary>Takes the same number, so that it is not used again.</summary>
    public uint? Take(IpEndpoint source, IpEndpoint destination)
    {
        uint? first = FirstByte(source, destination);
        if (first is not null)
        {
            Slot(source, destination) = default;
        }

        return first;
    }

    private ref (IpEndpoint Source, IpEndpoint Destination, uint Sequence) Slot(
        IpEndpoint source,
        IpEndpoint destination
    ) => ref _slots[(uint)HashCode.Combine(source, destination) % Slots];
}
