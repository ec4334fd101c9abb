using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Ocx.Bpf.Handles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>
/// Reads a BPF ring buffer (Linux 5.8) from one thread, record by record, in place and without allocating.
/// </summary>
public sealed unsafe class RingBufferReader : IDisposable
{
    private const int StopReading = -1;

    private readonly IRingBufferConsumer _consumer;
    private readonly RingBufferHandle _ring;
    private GCHandle _self;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Maps a loaded ring buffer map.</summary>
    /// <exception cref="BpfException">The map is no ring buffer, or could not be mapped.</exception>
    public RingBufferReader(BpfMap map, IRingBufferConsumer consumer)
    {
        ArgumentNullException.ThrowIfNull(map);
        _consumer = consumer;
        _self = GCHandle.Alloc(this);
        try
        {
            _ring = RingBufferHandle.Create(map.Fd, &OnRecord, GCHandle.ToIntPtr(_self));
        }
        catch
        {
            _self.Free();
            throw;
        }
    }

    /// <summary>Hands over everything that is in the ring, and what arrives meanwhile.</summary>
    /// <returns>The number of records.</returns>
    public int Consume() => Check(LibBpf.ring_buffer__consume(_ring), "read the ring buffer");

    /// <summary>
    /// Sleeps until the kernel wakes the reader or the time is over, then hands over what it was woken for.
    /// </summary>
    /// <param name="timeoutMilliseconds">How long to sleep; -1 has no end.</param>
    /// <returns>
    /// The number of records. Records submitted without a wake-up may wait still: see <see cref="Consume"/>.
    /// </returns>
    public int Poll(int timeoutMilliseconds)
    {
        int result = LibBpf.ring_buffer__poll(_ring, timeoutMilliseconds);
        return result == -LibC.EINTR ? 0 : Check(result, "wait for the ring buffer");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ring.Dispose();
        if (_self.IsAllocated)
        {
            _self.Free();
        }
    }

    private int Check(int result, string action)
    {
        if (_failure is { } failure)
        {
            _failure = null;
            failure.Throw();
        }
        return Ensure.Success(result, action);
    }

    // An exception must not cross libbpf's frames: it is kept, reading stops, and Check rethrows it.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRecord(nint context, void* data, nuint size)
    {
        var reader = Unsafe.As<RingBufferReader>(GCHandle.FromIntPtr(context).Target!);
        try
        {
            reader._consumer.OnRecord(new ReadOnlySpan<byte>(data, (int)size));
            return 0;
        }
#pragma warning disable CA1031 // Every exception is kept and rethrown on the managed side.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            reader._failure = ExceptionDispatchInfo.Capture(exception);
            return StopReading;
        }
    }
}
