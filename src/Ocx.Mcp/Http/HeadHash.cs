using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ocx.Mcp.Http;

/// <summary>
/// A hash that tells two texts of the same length apart, whoever chose them: NH (RFC 4418, 5.2.2) with two keys that
/// each process makes for itself. Two texts have the same hash with a probability of at most 2^-64.
/// </summary>
/// <param name="First">By the first key.</param>
/// <param name="Second">By the second key.</param>
internal readonly record struct HeadHash(Vector128<ulong> First, Vector128<ulong> Second)
{
    /// <summary>The longest text; a key has as many bytes.</summary>
    public const int Longest = 1024;

    private const int Block = 16;

    private static readonly (Vector128<uint> First, Vector128<uint> Second)[] s_keys = NewKeys();

    /// <summary>The hash of a text of at most <see cref="Longest"/> bytes.</summary>
    public static HeadHash Of(ReadOnlySpan<byte> text)
    {
        // Before the loop, whose sums so stay in registers.
        Vector128<uint> last = LastWords(text);
        (Vector128<uint> First, Vector128<uint> Second)[] keys = s_keys;
        ReadOnlySpan<Vector128<uint>> blocks = MemoryMarshal.Cast<byte, Vector128<uint>>(text);
        Vector128<ulong> first = Product(last + keys[blocks.Length].First),
            second = Product(last + keys[blocks.Length].Second);
        for (int i = 0; i < blocks.Length; i++)
        {
            ref (Vector128<uint> First, Vector128<uint> Second) key = ref keys[i];
            first += Product(blocks[i] + key.First);
            second += Product(blocks[i] + key.Second);
        }

        return new(first, second);
    }

    /// <summary>The same hash; texts of two lengths are not to be compared.</summary>
    public bool Equals(HeadHash other) => First == other.First && Second == other.Second;

    /// <inheritdoc/>
    public override int GetHashCode() => First.GetHashCode();

    // Nothing that is made of these numbers leaves the process, so a peer cannot tell the next ones from it.
    private static (Vector128<uint> First, Vector128<uint> Second)[] NewKeys()
    {
        var keys = new (Vector128<uint> First, Vector128<uint> Second)[(Longest / Block) + 1];
        Random.Shared.NextBytes(MemoryMarshal.AsBytes(keys.AsSpan()));
        return keys;
    }

    // The last sixteen bytes, some of which may be in a block too; or all of fewer.
    private static Vector128<uint> LastWords(ReadOnlySpan<byte> text)
    {
        if (text.Length >= Block)
        {
            return Vector128.Create(text[^Block..]).AsUInt32();
        }

        ulong low = 0,
            high = 0;
        for (int i = 0; i < text.Length; i++)
        {
            high = (high << 8) | (low >> 56);
            low = (low << 8) | text[i];
        }

        return Vector128.Create(low, high).AsUInt32();
    }

    // Each pair of words becomes one number of twice their length.
    private static Vector128<ulong> Product(Vector128<uint> words)
    {
        Vector128<ulong> odd = words.AsUInt64() >> 32;
        return Sse2.IsSupported
            ? Sse2.Multiply(words, odd.AsUInt32())
            : (words.AsUInt64() & Vector128.Create((ulong)uint.MaxValue)) * odd;
    }
}
