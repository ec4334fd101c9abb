using System.Buffers.Binary;
using Ocx.Netfilter.Interop;

namespace Ocx.Netfilter;

/// <summary>
/// Reads the netlink messages of a queue, whatever their bytes are. Each length is checked before it is believed: the
/// message's here, the attributes' by libnetfilter_queue, and here once more that they lie in the message.
/// </summary>
internal static unsafe class QueueMessage
{
    /// <summary>The length of <c>struct nlmsghdr</c> and <c>struct nfgenmsg</c>.</summary>
    public const int HeaderSize = 20;

    private const int NetlinkHeaderSize = 16,
        AttributeHeaderSize = 4,
        PacketHeaderSize = 7;
    private const ushort NLMSG_ERROR = 2;
    private const ushort Packet = (LibNetfilterQueue.NFNL_SUBSYS_QUEUE << 8) | LibNetfilterQueue.NFQNL_MSG_PACKET;

    // The library's table has NFQA_MAX + 1 places; a later version may know more attributes than this one.
    private const int TableSize = 256;

    /// <summary>Reads the first message.</summary>
    /// <param name="bytes">What is left of what was received, aligned to 4 bytes.</param>
    /// <param name="length">How many bytes that is.</param>
    /// <param name="packet">The packet, when it is one.</param>
    /// <param name="error">The error number, when it is an error (0: an acknowledgment).</param>
    /// <param name="consumed">How many bytes it took; all, when its length cannot be believed.</param>
    public static QueueMessageKind Read(
        byte* bytes,
        int length,
        out QueuedPacket packet,
        out int error,
        out int consumed
    )
    {
        packet = default;
        error = 0;
        consumed = length;
        if (length < NetlinkHeaderSize)
        {
            return QueueMessageKind.Unreadable;
        }
        var header = (LibMnl.nlmsghdr*)bytes;
        if (header->nlmsg_len < NetlinkHeaderSize || header->nlmsg_len > (uint)length)
        {
            return QueueMessageKind.Unreadable;
        }
        int messageLength = (int)header->nlmsg_len;
        // The last one need not be padded.
        consumed = Math.Min(length, (messageLength + 3) & ~3);
        switch (header->nlmsg_type)
        {
            case NLMSG_ERROR when messageLength >= NetlinkHeaderSize + sizeof(int):
                error = -*(int*)(bytes + NetlinkHeaderSize);
                return QueueMessageKind.Error;
            case Packet when messageLength >= HeaderSize:
                return ReadPacket(header, messageLength, out packet)
                    ? QueueMessageKind.Packet
                    : QueueMessageKind.Unreadable;
            default:
                return QueueMessageKind.Unreadable;
        }
    }

    private static bool ReadPacket(LibMnl.nlmsghdr* header, int length, out QueuedPacket packet)
    {
        packet = default;
        LibMnl.nlattr** table = stackalloc LibMnl.nlattr*[TableSize];
        new Span<nint>(table, LibNetfilterQueue.NFQA_SKB_INFO + 1).Clear();
        if (LibNetfilterQueue.nfq_nlmsg_parse(header, table) < 0)
        {
            return false;
        }
        var message = new ReadOnlySpan<byte>(header, length);
        ReadOnlySpan<byte> info = Bytes(message, table[LibNetfilterQueue.NFQA_PACKET_HDR]);
        if (info.Length < PacketHeaderSize)
        {
            return false;
        }
        ReadOnlySpan<byte> payload = Bytes(message, table[LibNetfilterQueue.NFQA_PAYLOAD]);
        uint skb = Number(message, table[LibNetfilterQueue.NFQA_SKB_INFO]);
        packet = new QueuedPacket
        {
            Id = BinaryPrimitives.ReadUInt32BigEndian(info),
            Hook = (NetfilterHook)info[6],
            Mark = Number(message, table[LibNetfilterQueue.NFQA_MARK]),
            InputInterface = Number(message, table[LibNetfilterQueue.NFQA_IFINDEX_INDEV]),
            OutputInterface = Number(message, table[LibNetfilterQueue.NFQA_IFINDEX_OUTDEV]),
            ChecksumPending = (skb & LibNetfilterQueue.NFQA_SKB_CSUMNOTREADY) != 0,
            ChecksumUnverified = (skb & LibNetfilterQueue.NFQA_SKB_CSUM_NOTVERIFIED) != 0,
            // Told only when it is more than the payload.
            OriginalLength = Math.Max((uint)payload.Length, Number(message, table[LibNetfilterQueue.NFQA_CAP_LEN])),
            Payload = payload,
        };
        return true;
    }

    /// <summary>An attribute's bytes; none when it is not there, or does not lie in the message.</summary>
    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> message, LibMnl.nlattr* attribute)
    {
        if (attribute is null)
        {
            return default;
        }
        fixed (byte* start = message)
        {
            long offset = (byte*)attribute - start;
            return
                offset >= HeaderSize
                && offset <= message.Length - AttributeHeaderSize
                && attribute->nla_len >= AttributeHeaderSize
                && attribute->nla_len <= message.Length - offset
                ? message.Slice((int)offset + AttributeHeaderSize, attribute->nla_len - AttributeHeaderSize)
                : default;
        }
    }

    // In network byte order.
    private static uint Number(ReadOnlySpan<byte> message, LibMnl.nlattr* attribute) =>
        BinaryPrimitives.TryReadUInt32BigEndian(Bytes(message, attribute), out uint number) ? number : 0;
}
