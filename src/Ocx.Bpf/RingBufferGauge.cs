using Ocx.Bpf.Handles;

namespace Ocx.Bpf;

/// <summary>
/// How full a BPF ring buffer is, and was at most. The kernel shares the two positions in the first two pages of the
/// map (kernel/bpf/ringbuf.c), so a look
/// at them is two reads of memory: neither a call nor a lock, and nothing for who writes or reads records. Until it is
/// disposed of it may be read from any thread.
/// </summary>
public sealed unsafe class RingBufferGauge : IDisposable
{
    private readonly MappingHandle _positions;
    private readonly ulong* _consumer;
    private readonly ulong* _producer;
    private long _highest;

    /// <summary>Maps the positions of a loaded ring buffer map.</summary>
    /// <exception cref="BpfException">The map could not be mapped.</exception>
    public RingBufferGauge(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        Size = map.MaxEntries;
        _positions = MappingHandle.Map(
            map.Fd,
            2 * (nuint)Environment.SystemPageSize,
            "map the ring buffer's positions"
        );
        _consumer = (ulong*)_positions.Address;
        _producer = (ulong*)(_positions.Address + Environment.SystemPageSize);
    }

    /// <summary>The ring's size in bytes.</summary>
    public long Size { get; }

    /// <summary>The bytes that wait to be read, headers and slack of records included.</summary>
    public long Used
    {
        get
        {
            // In this order the difference is never negative. The producer may have gone on for more than a ring
            // meanwhile.
            ulong read = Volatile.Read(ref *_consumer);
            return (long)Math.Min(Volatile.Read(ref *_producer) - read, (ulong)Size);
        }
    }

    /// <summary>The most that <see cref="Sample"/> has seen waiting.</summary>
    public long Highest => Volatile.Read(ref _highest);

    /// <summary>
    /// Looks how full the ring is, and keeps it when it is more than before. Called by one thread: best the one that
    /// reads the ring.
    /// </summary>
    public void Sample()
    {
        long used = Used;
        if (used > _highest)
        {
            Volatile.Write(ref _highest, used);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _positions.Dispose();
}
