using System.Runtime.InteropServices;
using Ocx.Netfilter.Interop;

namespace Ocx.Netfilter;

/// <summary>
/// Gathers verdicts, so that one system call carries many: a message for each packet, one behind the other. A batch
/// verdict of the kernel's own (NFQNL_MSG_VERDICT_BATCH) would be for all packets up to an id, and so for those that
/// are held too.
/// </summary>
internal sealed unsafe class VerdictBuffer : IDisposable
{
    /// <summary>
    /// The longest packet that a verdict can carry: an attribute's length has 16 bits, its header 4 bytes.
    /// </summary>
    public const int MaxPacket = ushort.MaxValue - 4;

    // Two of the longest; a socket sends no more than its send buffer at once (212,992 bytes where nothing is set).
    private const int Capacity = 160 << 10;

    // The headers of the message and of the queue's protocol, and the attribute with the verdict.
    private const int PlainSize = QueueMessage.HeaderSize + 4 + 8;

    private readonly uint _queue;
    private byte* _bytes = (byte*)NativeMemory.AlignedAlloc(Capacity, sizeof(ulong));

    public VerdictBuffer(uint queue) => _queue = queue;

    /// <summary>What was gathered.</summary>
    public ReadOnlySpan<byte> Messages => new(_bytes, Length);

    /// <summary>How many bytes were gathered.</summary>
    public int Length { get; private set; }

    /// <summary>Whether the verdict on a packet of this length fits.</summary>
    public bool HasRoomFor(int packetLength) => Length + PlainSize + 4 + ((packetLength + 3) & ~3) <= Capacity;

    /// <summary>Adds a verdict; there must be room.</summary>
    public void Add(uint id, int verdict) => Length += (int)Put(id, verdict)->nlmsg_len;

    /// <summary>Adds a verdict with new bytes for the packet; there must be room.</summary>
    public void Add(uint id, int verdict, ReadOnlySpan<byte> packet)
    {
        LibMnl.nlmsghdr* message = Put(id, verdict);
        fixed (byte* bytes = packet)
        {
            LibNetfilterQueue.nfq_nlmsg_verdict_put_pkt(message, bytes, (uint)packet.Length);
        }
        Length += (int)message->nlmsg_len;
    }

    /// <summary>Forgets what was gathered.</summary>
    public void Clear() => Length = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_bytes);
        _bytes = null;
        Length = 0;
    }

    // The library keeps messages and attributes aligned to 4 bytes.
    private LibMnl.nlmsghdr* Put(uint id, int verdict)
    {
        LibMnl.nlmsghdr* message = LibNetfilterQueue.nfq_nlmsg_put(
            _bytes + Length,
            LibNetfilterQueue.NFQNL_MSG_VERDICT,
            _queue
        );
        LibNetfilterQueue.nfq_nlmsg_verdict_put(message, (int)id, verdict);
        return message;
    }
}
