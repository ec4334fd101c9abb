using System.Runtime.InteropServices;
using Ocx.Netfilter.Interop;

namespace Ocx.Netfilter;

/// <summary>
/// Packets that a rule handed to userspace (NFQUEUE), and the verdicts on them. The kernel holds a packet until it has
/// a verdict; what is held when this is closed is dropped, and TCP sends it again. One thread receives and decides;
/// nothing is allocated and nothing is locked for a packet. It takes CAP_NET_ADMIN in the network namespace.
/// </summary>
public sealed unsafe class PacketQueue : IDisposable
{
    // The longest packet, the headers and the attributes that come with it.
    private const int BufferSize = 68 << 10;

    // Messages that are no packets: so many are passed over before the caller may look at something else.
    private const int MostPassedOver = 64;

    private readonly NetlinkSocketHandle _socket;
    private readonly VerdictBuffer _verdicts;
    private readonly QueueTable _table;
    private byte* _received = (byte*)NativeMemory.AlignedAlloc(BufferSize, sizeof(ulong));
    private int _position;
    private int _end;
    private uint _lastId;
    private long _lost;
    private long _unreadable;
    private long _refused;

    private PacketQueue(NetlinkSocketHandle socket, ushort number, QueueTable table)
    {
        _socket = socket;
        _table = table;
        _verdicts = new VerdictBuffer(number);
        Number = number;
        FileDescriptor = LibMnl.mnl_socket_get_fd(socket);
    }

    /// <summary>The queue's number.</summary>
    public ushort Number { get; }

    /// <summary>For poll(2): readable when <see cref="TryReceive"/> has something to do.</summary>
    public int FileDescriptor { get; }

    /// <summary>
    /// Packets that never came here, since the receive buffer was full: dropped, or let go on where the queue passes
    /// when full. Any thread may ask.
    /// </summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Messages that were passed over: not from the kernel, or not readable. Any thread may ask.</summary>
    public long Unreadable => Interlocked.Read(ref _unreadable);

    /// <summary>
    /// Verdicts that the kernel did not take: mostly on packets that it holds no more. Any thread may ask.
    /// </summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Opens a queue of the calling thread's network namespace.</summary>
    /// <exception cref="NetfilterException">
    /// Another process has the queue (EBUSY), a capability is missing (EPERM), or the kernel has no NFQUEUE.
    /// </exception>
    public static PacketQueue Open(PacketQueueOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        NetlinkSocketHandle socket = QueueSetup.OpenSocket(options);
        QueueTable? table = null;
        try
        {
            table = QueueTable.Open();
            QueueSetup.Bind(socket, table, options);
            return new PacketQueue(socket, options.Number, table);
        }
        catch
        {
            table?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Does any program have this queue, in the calling thread's network namespace?</summary>
    /// <exception cref="NetfilterException">The kernel has no NFQUEUE.</exception>
    public static bool IsTaken(ushort number)
    {
        using QueueTable table = QueueTable.Open();
        return table.TryFind(number, out _, out _);
    }

    /// <summary>Takes the next packet, if there is one. It never waits.</summary>
    /// <param name="packet">Lent until the next call.</param>
    /// <returns>
    /// Whether there was one. Without one there may still be more to receive (<see cref="FileDescriptor"/> tells), when
    /// many messages were no packets.
    /// </returns>
    /// <exception cref="NetfilterException">The socket failed.</exception>
    public bool TryReceive(out QueuedPacket packet)
    {
        for (int passedOver = 0; passedOver < MostPassedOver; passedOver++)
        {
            if (_position >= _end && !Fill())
            {
                break;
            }
            if (_position >= _end)
            {
                continue;
            }
            QueueMessageKind kind = QueueMessage.Read(
                _received + _position,
                _end - _position,
                out packet,
                out int error,
                out int consumed
            );
            _position += consumed;
            switch (kind)
            {
                case QueueMessageKind.Packet:
                    Follow(packet.Id);
                    return true;
                case QueueMessageKind.Error when error != 0:
                    Count(ref _refused, 1);
                    break;
                case QueueMessageKind.Unreadable:
                    Count(ref _unreadable, 1);
                    break;
            }
        }
        packet = default;
        return false;
    }

    /// <summary>The packet goes on as it is.</summary>
    /// <exception cref="NetfilterException">The verdicts so far had to be sent, and could not be.</exception>
    public void Accept(uint id) => Decide(id, LibNetfilterQueue.NF_ACCEPT);

    /// <summary>The packet goes on with these bytes in its place. Its checksums must be right.</summary>
    /// <param name="id">The packet.</param>
    /// <param name="payload">From the IP header on, at most 65,531 bytes. It is copied.</param>
    /// <exception cref="NetfilterException">The verdicts so far had to be sent, and could not be.</exception>
    public void Accept(uint id, ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, VerdictBuffer.MaxPacket);
        MakeRoom(payload.Length);
        _verdicts.Add(id, LibNetfilterQueue.NF_ACCEPT, payload);
    }

    /// <summary>The packet goes nowhere.</summary>
    /// <exception cref="NetfilterException">The verdicts so far had to be sent, and could not be.</exception>
    public void Drop(uint id) => Decide(id, LibNetfilterQueue.NF_DROP);

    /// <summary>Sends the verdicts that were gathered.</summary>
    /// <exception cref="NetfilterException">The kernel does not take them. They are kept.</exception>
    public void Flush()
    {
        // Memory may be short for a moment; then the kernel took none of them.
        for (int attempt = 1; _verdicts.Length > 0; attempt++)
        {
            fixed (byte* messages = _verdicts.Messages)
            {
                if (LibMnl.mnl_socket_sendto(_socket, messages, (nuint)_verdicts.Length) >= 0)
                {
                    _verdicts.Clear();
                    return;
                }
            }
            NetfilterException failure = Ensure.LastError("send verdicts");
            if (failure.Errno is not (LibC.EINTR or LibC.ENOBUFS or LibC.ENOMEM or LibC.EAGAIN) || attempt == 100)
            {
                throw failure;
            }
            Thread.Yield();
        }
    }

    /// <summary>What the kernel counts for this queue; nothing when it is closed. Any thread may ask.</summary>
    public PacketQueueStatistics ReadStatistics()
    {
        try
        {
            return _table.TryFind(Number, out PacketQueueStatistics statistics, out _) ? statistics : default;
        }
        catch (ObjectDisposedException)
        {
            return default;
        }
    }

    /// <summary>
    /// Closes the queue. Verdicts that were not flushed are forgotten; the kernel drops the packets that have none.
    /// </summary>
    public void Dispose()
    {
        _socket.Dispose();
        _table.Dispose();
        _verdicts.Dispose();
        NativeMemory.AlignedFree(_received);
        _received = null;
        _position = _end = 0;
    }

    private void Decide(uint id, int verdict)
    {
        MakeRoom(0);
        _verdicts.Add(id, verdict);
    }

    private void MakeRoom(int payloadLength)
    {
        if (!_verdicts.HasRoomFor(payloadLength))
        {
            Flush();
        }
    }

    // Receives once: whether there was something.
    private bool Fill()
    {
        ObjectDisposedException.ThrowIf(_received is null, this);
        LibC.sockaddr_nl sender;
        uint senderLength = (uint)sizeof(LibC.sockaddr_nl);
        nint length = LibC.recvfrom(
            FileDescriptor,
            _received,
            BufferSize,
            LibC.MSG_DONTWAIT | LibC.MSG_TRUNC,
            &sender,
            &senderLength
        );
        _position = _end = 0;
        if (length >= 0)
        {
            // Whoever has the capability in this namespace may send to this socket; only the kernel has port 0.
            if (length <= BufferSize && senderLength >= 8 && sender.nl_pid == 0)
            {
                _end = (int)length;
            }
            else
            {
                Count(ref _unreadable, 1);
            }
            return true;
        }
        NetfilterException? failure = Marshal.GetLastPInvokeError() switch
        {
            LibC.EAGAIN => null,
            // Something was lost. It shows in the ids.
            LibC.EINTR or LibC.ENOBUFS => null,
            _ => Ensure.LastError("receive packets"),
        };
        return failure is null ? false : throw failure;
    }

    // Ids are given one by one, to packets that could then not be sent here too. They wrap around.
    private void Follow(uint id)
    {
        uint missing = id - _lastId - 1;
        if (missing != 0)
        {
            Count(ref _lost, missing);
        }
        _lastId = id;
    }

    // One thread writes, any may read.
    private static void Count(ref long counter, long more) => Volatile.Write(ref counter, counter + more);
}
