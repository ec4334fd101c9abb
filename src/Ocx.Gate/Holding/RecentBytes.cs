using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ocx.Gate.Holding;

/// <summary>
/// Knows the last pieces of a stream again, by hashes that nobody outside can foresee or meet twice, so that a piece
/// that is sent again says what it said before. Some of the newest are known; TCP sends others again only if the
/// receiver, behind the gate on the same machine, threw them away.
/// </summary>
internal sealed class RecentBytes
{
    private const int Most = 8;
    private const int WordLength = 7;
    private const ulong Modulus = (1UL << 61) - 1;

    private static readonly ulong s_place =
        BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))) % Modulus;
    private static readonly ulong s_place4 = Next(Next(Next(s_place, s_place, 0), s_place, 0), s_place, 0);

    private readonly (long Start, int Length, ulong Hash)[] _pieces = new (long, int, ulong)[Most];
    private int _next;

    /// <summary>A piece was read.</summary>
    public void Add(long offset, ReadOnlySpan<byte> bytes)
    {
        _pieces[_next] = (offset, bytes.Length, Hash(bytes));
        _next = (_next + 1) % Most;
    }

    /// <summary>Are these bytes some of the pieces, one behind the other?</summary>
    public bool Has(long offset, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            (long Start, int Length, ulong Hash) piece = At(offset);
            if (piece.Length == 0 || piece.Length > bytes.Length || Hash(bytes[..piece.Length]) != piece.Hash)
            {
                return false;
            }

            offset += piece.Length;
            bytes = bytes[piece.Length..];
        }

        return true;
    }

    private (long Start, int Length, ulong Hash) At(long offset) => Array.Find(_pieces, piece => piece.Start == offset);

    // A polynomial over the integers modulo 2^61-1, at a place that is secret: of two pieces of n bytes that differ,
    // whoever makes them, one in 2^61*7/n has the same hash (Carter and Wegman, 1981). Four of its coefficients at a
    // time have a sum of their own, so that the processor multiplies them side by side.
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong first = 0,
            second = 0,
            third = 0,
            fourth = 0;
        while (bytes.Length > 4 * WordLength)
        {
            first = Next(first, s_place4, Word(bytes));
            second = Next(second, s_place4, Word(bytes[WordLength..]));
            third = Next(third, s_place4, Word(bytes[(2 * WordLength)..]));
            fourth = Next(fourth, s_place4, Word(bytes[(3 * WordLength)..]));
            bytes = bytes[(4 * WordLength)..];
        }

        ulong hash = Next(Next(Next(first, s_place, second), s_place, third), s_place, fourth);
        while (bytes.Length > WordLength)
        {
            hash = Next(hash, s_place, Word(bytes));
            bytes = bytes[WordLength..];
        }

        ulong last = 0;
        foreach (byte each in bytes)
        {
            last = (last << 8) | each;
        }

        hash = Next(hash, s_place, last);
        return hash >= Modulus ? hash - Modulus : hash;
    }

    private static ulong Word(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes) & (ulong.MaxValue >> 8);

    // hash * place + word, below 2^61 + 4: the modulus is taken off at the end.
    private static ulong Next(ulong hash, ulong place, ulong word)
    {
        ulong high = Math.BigMul(hash, place, out ulong low),
            sum = (low & Modulus) + ((high << 3) | (low >> 61)) + word;
        return (sum & Modulus) + (sum >> 61);
    }
}
