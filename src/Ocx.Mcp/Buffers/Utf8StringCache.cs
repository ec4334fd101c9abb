using System.Text;

namespace Ocx.Mcp.Buffers;

/// <summary>
/// Turns UTF-8 into strings without allocating for those seen lately: method, tool and session names repeat in every
/// message. A direct-mapped table of fixed size (at most 2 MB), so a flood of new names costs allocations and never
/// memory.
/// </summary>
public sealed class Utf8StringCache
{
    private const int Slots = 4096;
    private const int MaxCachedLength = 128;
    private readonly (byte[]? Bytes, string Text)[] _slots = new (byte[]?, string)[Slots];

    // A per-process seed, so that a peer cannot choose names that evict each other.
    private readonly uint _seed = (uint)Random.Shared.Next();

    /// <summary>
    /// The text of <paramref name="utf8"/>, of which at most <paramref name="longest"/> bytes are kept
    /// (<see cref="Longest"/>); invalid sequences
    /// become U+FFFD.
    /// </summary>
    public string Get(ReadOnlySpan<byte> utf8, int longest)
    {
        if (utf8.IsEmpty)
        {
            return string.Empty;
        }

        if (utf8.Length > MaxCachedLength || utf8.Length > longest)
        {
            return CutText.Of(utf8, longest);
        }

        ref (byte[]? Bytes, string Text) slot = ref _slots[Hash(utf8) & (Slots - 1)];
        if (slot.Bytes is null || !utf8.SequenceEqual(slot.Bytes))
        {
            slot = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        }

        return slot.Text;
    }

    private uint Hash(ReadOnlySpan<byte> utf8)
    {
        ulong hash = _seed;
        while (utf8.Length >= sizeof(ulong))
        {
            hash = (hash ^ BitConverter.ToUInt64(utf8)) * 0x9E37_79B9_7F4A_7C15;
            hash ^= hash >> 32;
            utf8 = utf8[sizeof(ulong)..];
        }

        foreach (byte b in utf8)
        {
            hash = (hash ^ b) * 0x9E37_79B9_7F4A_7C15;
        }

        return (uint)(hash >> 40);
    }
}
