using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Ocx.Netfilter.Interop;

namespace Ocx.Netfilter;

/// <summary>Opens a queue's socket and asks the kernel for the queue.</summary>
internal static unsafe class QueueSetup
{
    public const string NoQueueAdvice =
        "this kernel has no packet queues: load the module nfnetlink_queue, or use a kernel with "
        + "CONFIG_NETFILTER_NETLINK_QUEUE";

    private const ushort NLM_F_REQUEST = 1,
        NLM_F_ACK = 4;
    private const int CopyRange = 0xFFFF;
    private const int BufferSize = 512;

    // What a batch of verdicts needs; the kernel doubles it, for its own use.
    private const int SendBuffer = 256 << 10;

    /// <summary>Opens a socket with large buffers, which never blocks.</summary>
    public static NetlinkSocketHandle OpenSocket(PacketQueueOptions options)
    {
        nint opened = LibMnl.mnl_socket_open2(LibC.NETLINK_NETFILTER, LibC.SOCK_CLOEXEC | LibC.SOCK_NONBLOCK);
        if (opened == 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            throw new NetfilterException(
                "open a netfilter socket",
                errno,
                errno == LibC.EPROTONOSUPPORT ? NoQueueAdvice : ""
            );
        }
        var socket = new NetlinkSocketHandle(opened);
        try
        {
            Ensure.NotNegative(LibMnl.mnl_socket_bind(socket, 0, LibMnl.MNL_SOCKET_AUTOPID), "bind a netfilter socket");
            int descriptor = LibMnl.mnl_socket_get_fd(socket);
            SetBuffer(descriptor, LibC.SO_RCVBUFFORCE, LibC.SO_RCVBUF, options.ReceiveBuffer);
            SetBuffer(descriptor, LibC.SO_SNDBUFFORCE, LibC.SO_SNDBUF, SendBuffer);
            // Else the kernel drops all packets from the first for which there was no room until all are read.
            TurnOn(descriptor, LibC.NETLINK_NO_ENOBUFS);
            // An error does not bring the packet of the verdict back.
            TurnOn(descriptor, LibC.NETLINK_CAP_ACK);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Asks for the queue. Packets come from the second message on, so nothing lies before the answer to the first.
    /// </summary>
    /// <exception cref="NetfilterException">The kernel refused, or another process has the queue.</exception>
    public static void Bind(NetlinkSocketHandle socket, QueueTable table, PacketQueueOptions options)
    {
        byte* buffer = stackalloc byte[BufferSize];
        LibMnl.nlmsghdr* message = Start(buffer, options.Number, NLM_F_REQUEST | NLM_F_ACK);
        LibNetfilterQueue.nfq_nlmsg_cfg_put_cmd(message, 0, LibNetfilterQueue.NFQNL_CFG_CMD_BIND);
        LibNetfilterQueue.nfq_nlmsg_cfg_put_qmaxlen(message, options.MaxLength);
        uint flags =
            LibNetfilterQueue.NFQA_CFG_F_GSO | (options.PassWhenFull ? LibNetfilterQueue.NFQA_CFG_F_FAIL_OPEN : 0);
        LibMnl.mnl_attr_put_u32(message, LibNetfilterQueue.NFQA_CFG_FLAGS, BinaryPrimitives.ReverseEndianness(flags));
        LibMnl.mnl_attr_put_u32(message, LibNetfilterQueue.NFQA_CFG_MASK, BinaryPrimitives.ReverseEndianness(flags));
        Send(socket, message);
        int error = ReadAnswer(socket, buffer);
        if (error != 0)
        {
            throw Refused(error, socket, table, options.Number);
        }
        message = Start(buffer, options.Number, NLM_F_REQUEST);
        LibNetfilterQueue.nfq_nlmsg_cfg_put_params(message, LibNetfilterQueue.NFQNL_COPY_PACKET, CopyRange);
        Send(socket, message);
    }

    private static LibMnl.nlmsghdr* Start(byte* buffer, ushort queue, int flags)
    {
        LibMnl.nlmsghdr* message = LibNetfilterQueue.nfq_nlmsg_put(buffer, LibNetfilterQueue.NFQNL_MSG_CONFIG, queue);
        message->nlmsg_flags = (ushort)flags;
        return message;
    }

    private static void Send(NetlinkSocketHandle socket, LibMnl.nlmsghdr* message) =>
        Ensure.NotNegative(
            (int)LibMnl.mnl_socket_sendto(socket, message, message->nlmsg_len),
            "configure the packet queue"
        );

    // The kernel answers while the request is sent, so the answer is there.
    private static int ReadAnswer(NetlinkSocketHandle socket, byte* buffer)
    {
        const string action = "read the answer about the packet queue";
        LibC.sockaddr_nl sender;
        while (true)
        {
            uint senderLength = (uint)sizeof(LibC.sockaddr_nl);
            nint length = LibC.recvfrom(
                LibMnl.mnl_socket_get_fd(socket),
                buffer,
                BufferSize,
                LibC.MSG_DONTWAIT,
                &sender,
                &senderLength
            );
            if (length < 0)
            {
                NetfilterException failure = Ensure.LastError(action);
                if (failure.Errno != LibC.EINTR)
                {
                    throw failure;
                }
            }
            else if (
                sender.nl_pid == 0
                && QueueMessage.Read(buffer, (int)length, out _, out int error, out _) == QueueMessageKind.Error
            )
            {
                return error;
            }
        }
    }

    // The kernel says EPERM to another's queue as it says it to a missing capability.
    private static NetfilterException Refused(int errno, NetlinkSocketHandle socket, QueueTable table, ushort queue)
    {
        string action = $"open packet queue {queue}";
        bool isTaken = table.TryFind(queue, out _, out uint peer) && peer != LibMnl.mnl_socket_get_portid(socket);
        return errno switch
        {
            LibC.EPERM or LibC.EBUSY when isTaken => new NetfilterException(
                action,
                LibC.EBUSY,
                "another program, perhaps another gate, has this queue in this network namespace"
            ),
            LibC.EPERM => new NetfilterException(
                action,
                errno,
                "it takes the capability NET_ADMIN in this network namespace"
            ),
            LibC.EINVAL or LibC.EOPNOTSUPP => new NetfilterException(action, errno, NoQueueAdvice),
            _ => new NetfilterException(action, errno),
        };
    }

    private static void TurnOn(int descriptor, int option)
    {
        int on = 1;
        Ensure.NotNegative(
            LibC.setsockopt(descriptor, LibC.SOL_NETLINK, option, &on, sizeof(int)),
            "set up a netfilter socket"
        );
    }

    // Beyond the system's limits with the capability; within them without.
    private static void SetBuffer(int descriptor, int forced, int ordinary, int size)
    {
        if (LibC.setsockopt(descriptor, LibC.SOL_SOCKET, forced, &size, sizeof(int)) != 0)
        {
            Ensure.NotNegative(
                LibC.setsockopt(descriptor, LibC.SOL_SOCKET, ordinary, &size, sizeof(int)),
                "size the buffers of a netfilter socket"
            );
        }
    }
}
