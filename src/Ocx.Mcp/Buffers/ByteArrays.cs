using System.Numerics;

namespace Ocx.Mcp.Buffers;

/// <summary>
/// Arrays to use again: of at most 64 KiB each, 2 MiB in all, and one of each longer length up to 1 MiB, 2 MiB in all.
/// What is kept here is beside any <see cref="MemoryBudget"/>. All else is left to the garbage collector, so that a
/// burst leaves no more behind than that. A long message grows through one array of each length, and each new array's
/// pages would be touched for the first time, which costs more than what is done with them. The platform's pools would
/// keep arrays of up to 1 GiB for each thread and core, or take a lock for each array, of which each message has one.
/// For one thread.
/// </summary>
internal sealed class ByteArrays
{
    /// <summary>The longest array that is kept for the next use.</summary>
    public const int LongestKept = 1 << 20;

    // Of what is longer, one of each length is kept.
    private const int Long = 64 << 10;

    private const int Shortest = 16;

    // Of each power of two from the shortest on: together they are twice the longest of them.
    private const int KeptOfEachLength = 16;

    /// <summary>The most that all arrays kept can take.</summary>
    public const int MostKept = (KeptOfEachLength * 2 * Long) + (2 * LongestKept);

    private readonly Stack<byte[]>[] _kept =
    [
        .. Enumerable.Range(0, PowerOf(LongestKept) + 1).Select(_ => new Stack<byte[]>(KeptOfEachLength)),
    ];

    /// <summary>An array of at least this length, with anything in it.</summary>
    public byte[] Rent(int length)
    {
        if (length > LongestKept)
        {
            return GC.AllocateUninitializedArray<byte>(length);
        }

        int power = PowerOf(length);
        return _kept[power].TryPop(out byte[]? array) ? array : GC.AllocateUninitializedArray<byte>(Shortest << power);
    }

    /// <summary>Takes an array of <see cref="Rent"/> back, which is not used any more.</summary>
    public void Return(byte[] array)
    {
        if (
            array.Length <= LongestKept
            && _kept[PowerOf(array.Length)] is { } kept
            && kept.Count < (array.Length > Long ? 1 : KeptOfEachLength)
        )
        {
            kept.Push(array);
        }
    }

    // How often the shortest length is to be doubled to hold this one.
    private static int PowerOf(int length) =>
        BitOperations.Log2((uint)Math.Max(length, Shortest) - 1) + 1 - BitOperations.Log2(Shortest);
}
