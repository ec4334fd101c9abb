using Ocx.Mcp.Buffers;

namespace Ocx.Gate.Holding;

/// <summary>A packet that waits, or bytes of one that went on shortened.</summary>
internal sealed class HeldPacket
{
    /// <summary>The queue's number of it; null for bytes that the gate sends itself.</summary>
    public uint? Id { get; set; }

    /// <summary>When it came, monotonic nanoseconds.</summary>
    public long Since { get; init; }

    /// <summary>Where its first byte of payload stands in its direction.</summary>
    public long Start { get; set; }

    /// <summary>Where the byte behind its last one stands.</summary>
    public long End { get; set; }

    /// <summary>A FIN ends it.</summary>
    public bool HasFin { get; set; }

    /// <summary>The whole IP packet, where it may have to be read or rewritten; else empty.</summary>
    public required PooledBuffer Packet { get; init; }

    /// <summary>The packet was longer than what the queue handed over.</summary>
    public bool IsCut { get; init; }

    /// <summary>Where the payload begins in <see cref="Packet"/>.</summary>
    public int PayloadOffset { get; set; }

    /// <summary>How long that payload is.</summary>
    public int Length => (int)(End - Start);

    /// <summary>How many of these bytes, from the first on, it has too; 0 where it has other ones, or none.</summary>
    /// <param name="offset">Where the first one stands in its direction.</param>
    /// <param name="bytes">Some bytes, at least one.</param>
    public int Agrees(long offset, ReadOnlySpan<byte> bytes)
    {
        if (offset < Start || offset >= End || IsCut)
        {
            return 0;
        }

        int length = (int)Math.Min(End - offset, bytes.Length);
        ReadOnlySpan<byte> own = Packet.Span.Slice(PayloadOffset + (int)(offset - Start), length);
        return own.SequenceEqual(bytes[..length]) ? length : 0;
    }
}
