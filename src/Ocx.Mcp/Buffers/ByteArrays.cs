using System.Buffers;

namespace Ocx.Mcp.Buffers;

/// <summary>
/// Arrays to use again, of at most 64 KiB each and 2 MiB in all: what is kept here is beside any
/// <see cref="MemoryBudget"/>. All else is left to the garbage collector, so that a burst leaves no more behind than
/// that. <see cref="ArrayPool{T}.Shared"/> would keep arrays of up to 1 GiB for each thread and core.
/// </summary>
internal sealed class ByteArrays
{
    /// <summary>The longest array that is kept for the next use.</summary>
    public const int LongestKept = 64 << 10;

    // Of each power of two from 16 bytes on: together they are twice the longest.
    private const int KeptOfEachLength = 16;

    /// <summary>The most that all arrays kept can take.</summary>
    public const int MostKept = KeptOfEachLength * 2 * LongestKept;

    private readonly ArrayPool<byte> _kept = ArrayPool<byte>.Create(LongestKept, KeptOfEachLength);

    /// <summary>An array of at least this length, with anything in it.</summary>
    public byte[] Rent(int length) =>
        length > LongestKept ? GC.AllocateUninitializedArray<byte>(length) : _kept.Rent(length);

    /// <summary>Takes an array of <see cref="Rent"/> back, which is not used any more.</summary>
    public void Return(byte[] array)
    {
        if (array.Length <= LongestKept)
        {
            _kept.Return(array);
        }
    }
}
