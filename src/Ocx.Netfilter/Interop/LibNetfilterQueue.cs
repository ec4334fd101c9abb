using System.Runtime.InteropServices;

namespace Ocx.Netfilter.Interop;

/// <summary>
/// libnetfilter_queue's messages. Sources: libnetfilter_queue.h of 1.0.5 and the kernel's
/// include/uapi/linux/netfilter/nfnetlink_queue.h. The calls that a packet needs take well under a microsecond and
/// never block, so they leave out the hand-over between managed and native code.
/// </summary>
internal static unsafe partial class LibNetfilterQueue
{
    public const int NFNL_SUBSYS_QUEUE = 3;

    public const int NFQNL_MSG_PACKET = 0,
        NFQNL_MSG_VERDICT = 1,
        NFQNL_MSG_CONFIG = 2;

    public const byte NFQNL_CFG_CMD_BIND = 1;
    public const byte NFQNL_COPY_PACKET = 2;

    public const ushort NFQA_CFG_MASK = 4,
        NFQA_CFG_FLAGS = 5;

    public const uint NFQA_CFG_F_FAIL_OPEN = 1 << 0,
        NFQA_CFG_F_GSO = 1 << 2;

    public const int NFQA_PACKET_HDR = 1,
        NFQA_MARK = 3,
        NFQA_IFINDEX_INDEV = 5,
        NFQA_IFINDEX_OUTDEV = 6,
        NFQA_PAYLOAD = 10,
        NFQA_CAP_LEN = 13,
        NFQA_SKB_INFO = 14;

    public const uint NFQA_SKB_CSUMNOTREADY = 1 << 0,
        NFQA_SKB_CSUM_NOTVERIFIED = 1 << 2;

    public const int NF_DROP = 0,
        NF_ACCEPT = 1;

    /// <summary>Writes the header of a message for a queue at the start of a buffer.</summary>
    [LibraryImport(Libraries.LibNetfilterQueue)]
    [SuppressGCTransition]
    public static partial LibMnl.nlmsghdr* nfq_nlmsg_put(byte* buffer, int type, uint queue);

    [LibraryImport(Libraries.LibNetfilterQueue)]
    public static partial void nfq_nlmsg_cfg_put_cmd(LibMnl.nlmsghdr* message, ushort family, byte command);

    [LibraryImport(Libraries.LibNetfilterQueue)]
    public static partial void nfq_nlmsg_cfg_put_params(LibMnl.nlmsghdr* message, byte mode, int range);

    [LibraryImport(Libraries.LibNetfilterQueue)]
    public static partial void nfq_nlmsg_cfg_put_qmaxlen(LibMnl.nlmsghdr* message, uint maxLength);

    [LibraryImport(Libraries.LibNetfilterQueue)]
    [SuppressGCTransition]
    public static partial void nfq_nlmsg_verdict_put(LibMnl.nlmsghdr* message, int id, int verdict);

    /// <summary>Copies the packet, up to 64 KiB.</summary>
    [LibraryImport(Libraries.LibNetfilterQueue)]
    public static partial void nfq_nlmsg_verdict_put_pkt(LibMnl.nlmsghdr* message, byte* packet, uint length);

    /// <summary>
    /// Points the table at the attributes of a message whose length is known to be right. Attributes that it does not
    /// know are left out, and one that is too short for its type fails the message.
    /// </summary>
    [LibraryImport(Libraries.LibNetfilterQueue)]
    [SuppressGCTransition]
    public static partial int nfq_nlmsg_parse(LibMnl.nlmsghdr* message, LibMnl.nlattr** table);
}
