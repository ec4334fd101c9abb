using System.Buffers.Text;

namespace Ocx.Netfilter;

/// <summary>What the kernel counts for a queue (/proc/net/netfilter/nfnetlink_queue).</summary>
/// <param name="Waiting">Packets without a verdict.</param>
/// <param name="DroppedFull">Packets that were dropped since the queue had its most.</param>
/// <param name="DroppedUnreceived">Packets that were dropped since the receive buffer had no room for them.</param>
/// <param name="LastId">The id of the latest packet.</param>
public readonly record struct PacketQueueStatistics(long Waiting, long DroppedFull, long DroppedUnreceived, long LastId)
{
    // queue number, peer, waiting, copy mode, copy range, dropped, dropped at the user's, last id, 1
    private const int Columns = 8;

    /// <summary>Looks a queue up in the kernel's table.</summary>
    /// <param name="table">One line for each queue.</param>
    /// <param name="queue">The queue's number.</param>
    /// <param name="statistics">What it says, when there is such a queue.</param>
    /// <param name="peer">The netlink port of whoever has the queue.</param>
    internal static bool TryFind(
        ReadOnlySpan<byte> table,
        ushort queue,
        out PacketQueueStatistics statistics,
        out uint peer
    )
    {
        Span<long> values = stackalloc long[Columns];
        foreach (Range line in table.Split((byte)'\n'))
        {
            if (TryRead(table[line], values) && values[0] == queue)
            {
                statistics = new PacketQueueStatistics(values[2], values[5], values[6], values[7]);
                peer = (uint)values[1];
                return true;
            }
        }
        statistics = default;
        peer = 0;
        return false;
    }

    private static bool TryRead(ReadOnlySpan<byte> line, Span<long> values)
    {
        for (int column = 0; column < values.Length; column++)
        {
            line = line.TrimStart((byte)' ');
            if (!Utf8Parser.TryParse(line, out values[column], out int length))
            {
                return false;
            }
            line = line[length..];
        }
        return true;
    }
}
