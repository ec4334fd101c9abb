using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ocx.Cli.Observe;

/// <summary>
/// Remembers the last lines of a log by their digests, so that a log that is taken up again a little before where it
/// broke off repeats nothing. A call's line is unlike any other: it has a time in nanoseconds and a client's port.
/// </summary>
internal sealed class RecentLines(int capacity)
{
    private readonly HashSet<UInt128> _known = [];
    private readonly Queue<UInt128> _order = [];

    /// <summary>Remembers a line; false when it was known.</summary>
    public bool Add(ReadOnlySpan<byte> line)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(line, digest);
        UInt128 mark = BinaryPrimitives.ReadUInt128BigEndian(digest);
        if (!_known.Add(mark))
        {
            return false;
        }

        _order.Enqueue(mark);
        if (_order.Count > capacity)
        {
            _known.Remove(_order.Dequeue());
        }

        return true;
    }
}
