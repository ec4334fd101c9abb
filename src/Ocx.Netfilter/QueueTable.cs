using System.Runtime.InteropServices;
using Ocx.Netfilter.Interop;

namespace Ocx.Netfilter;

/// <summary>
/// The kernel's table of queues. It shows the namespace of the thread that opened it, whichever thread reads.
/// </summary>
internal sealed unsafe class QueueTable : IDisposable
{
    private const string Path = "/proc/thread-self/net/netfilter/nfnetlink_queue";

    // A line has less than 80 characters; the kernel shows whole lines, a page at a time.
    private const int BufferSize = 16 << 10;

    private readonly DescriptorHandle _file;

    private QueueTable(DescriptorHandle file) => _file = file;

    /// <summary>Opens the table of the calling thread's network namespace.</summary>
    /// <exception cref="NetfilterException">The kernel has none.</exception>
    public static QueueTable Open()
    {
        int descriptor = LibC.open(Path, LibC.O_CLOEXEC);
        return descriptor >= 0
            ? new QueueTable(new DescriptorHandle(descriptor))
            : throw new NetfilterException($"open {Path}", Marshal.GetLastPInvokeError(), QueueSetup.NoQueueAdvice);
    }

    /// <summary>Looks a queue up.</summary>
    public bool TryFind(ushort queue, out PacketQueueStatistics statistics, out uint peer)
    {
        Span<byte> buffer = stackalloc byte[BufferSize];
        int length = 0;
        fixed (byte* bytes = buffer)
        {
            while (length < buffer.Length)
            {
                nint read = LibC.pread(_file, bytes + length, (nuint)(buffer.Length - length), length);
                if (read <= 0)
                {
                    break;
                }
                length += (int)read;
            }
        }
        return PacketQueueStatistics.TryFind(buffer[..length], queue, out statistics, out peer);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
