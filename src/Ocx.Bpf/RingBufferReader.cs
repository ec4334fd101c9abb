using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Ocx.Bpf.Handles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>
/// Reads a BPF ring buffer (Linux 5.8) from one thread, record by record, in place and without allocating. The layout
/// is the kernel's (kernel/bpf/ringbuf.c, <c>struct bpf_ringbuf</c>): a page with the reader's position, which the
/// reader alone writes; a page with the kernel's position; then the records, mapped twice in a row so that none is
/// broken by the end. Both positions count bytes and never go back.
/// </summary>
public sealed unsafe class RingBufferReader : IDisposable
{
    // The record's header: its length with two flags on top, then a number that is the kernel's own.
    private const int HeaderSize = 8;
    private const uint Busy = 1u << 31,
        Discarded = 1u << 30;

    // How far ahead of the next record memory is asked for. It takes some 100 ns to come, and a record some 5 ns.
    private const uint RecordsAhead = 7;

    private readonly int _fd;
    private readonly ulong _mask;
    private readonly MappingHandle _readerPage;
    private readonly MappingHandle _kernelPages;
    private readonly ulong* _read;
    private readonly ulong* _written;
    private readonly byte* _records;

    /// <summary>Maps a loaded ring buffer map.</summary>
    /// <exception cref="BpfException">The map is no ring buffer, or could not be mapped.</exception>
    public RingBufferReader(BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        const string action = "map the ring buffer";
        _fd = map.Fd;
        _mask = map.MaxEntries - 1;
        nuint page = (nuint)Environment.SystemPageSize;
        _readerPage = MappingHandle.Map(_fd, page, action, writable: true);
        try
        {
            _kernelPages = MappingHandle.Map(_fd, page + (2 * (nuint)map.MaxEntries), action, offset: page);
        }
        catch
        {
            _readerPage.Dispose();
            throw;
        }
        _read = (ulong*)_readerPage.Address;
        _written = (ulong*)_kernelPages.Address;
        _records = (byte*)_kernelPages.Address + page;
    }

    /// <summary>
    /// Hands over everything that is in the ring, and what arrives meanwhile. A record whose consumer throws stays in
    /// the ring.
    /// </summary>
    /// <typeparam name="T">A struct, so that its code becomes part of the loop.</typeparam>
    public void Consume<T>(ref T consumer)
        where T : struct, IRingBufferConsumer
    {
        byte* records = _records;
        ulong mask = _mask;
        ulong read = Volatile.Read(ref *_read);
        // The kernel's position is on a cache line that the kernel's CPUs write: looked at when all known is read.
        while (Volatile.Read(ref *_written) is var end && read != end)
        {
            do
            {
                byte* record = records + (read & mask);
                uint header = Volatile.Read(ref *(uint*)record);
                if ((header & Busy) != 0)
                {
                    // It is reserved, and not submitted: whatever lies behind it waits for it.
                    return;
                }
                uint length = header & ~Discarded;
                uint size = (HeaderSize + length + 7) & ~7u;
                read += size;
                Prefetch(records + ((read + (RecordsAhead * size)) & mask));
                if ((header & Discarded) == 0)
                {
                    consumer.OnRecord(new ReadOnlySpan<byte>(record + HeaderSize, (int)length));
                }
                // From now on the kernel may write there.
                Volatile.Write(ref *_read, read);
            } while (read != end);
        }
    }

    /// <summary>
    /// Sleeps until there is something in the ring that the kernel wakes the reader for, or until the time is over.
    /// Records that were submitted without a wake-up may wait at either.
    /// </summary>
    /// <param name="timeoutMilliseconds">How long to sleep; -1 has no end.</param>
    /// <exception cref="BpfException">The kernel refused to wait.</exception>
    public void Wait(int timeoutMilliseconds)
    {
        var ring = new LibC.PollDescriptor { Fd = _fd, Events = LibC.POLLIN };
        if (LibC.poll(&ring, 1, timeoutMilliseconds) < 0 && Marshal.GetLastPInvokeError() != LibC.EINTR)
        {
            throw Ensure.LastError("wait for the ring buffer");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _kernelPages.Dispose();
        _readerPage.Dispose();
    }

    // Where a later record begins, should those until then be as long as this one: it is on its way while they are
    // read. A wrong guess costs nothing but the hint, which cannot fault.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* record)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(record);
            Sse.Prefetch0(record + 64);
        }
    }
}
