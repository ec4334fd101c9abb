using System.Numerics;
using System.Runtime.Intrinsics;

namespace Ocx.Mcp.Http;

/// <summary>Finds the colons and line feeds of a head in one pass, sixty-four bytes at once.</summary>
internal ref struct HeadMarks(ReadOnlySpan<byte> bytes)
{
    private const int BlockLength = 64;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _block = -BlockLength;
    private ulong _marks;

    /// <summary>Where the next one stands; the end of the bytes when there is none.</summary>
    public int Next()
    {
        while (_marks == 0)
        {
            if (_block + BlockLength >= _bytes.Length)
            {
                return _bytes.Length;
            }

            _block += BlockLength;
            ReadOnlySpan<byte> rest = _bytes[_block..];
            _marks = rest.Length >= BlockLength ? MarksOf(rest) : MarksOfLast(rest);
        }

        int at = _block + BitOperations.TrailingZeroCount(_marks);
        _marks &= _marks - 1;
        return at;
    }

    /// <summary>Where the next line feed stands; the end of the bytes when there is none.</summary>
    public int NextLineFeed()
    {
        int at;
        do
        {
            at = Next();
        } while (at < _bytes.Length && _bytes[at] != '\n');
        return at;
    }

    // A bit for each byte of a block, the lowest for the first.
    private static ulong MarksOf(ReadOnlySpan<byte> block) =>
        MarksOfQuarter(block)
        | ((ulong)MarksOfQuarter(block[16..]) << 16)
        | ((ulong)MarksOfQuarter(block[32..]) << 32)
        | ((ulong)MarksOfQuarter(block[48..]) << 48);

    private static uint MarksOfQuarter(ReadOnlySpan<byte> block)
    {
        Vector128<byte> bytes = Vector128.Create(block);
        return (
            Vector128.Equals(bytes, Vector128.Create((byte)':')) | Vector128.Equals(bytes, Vector128.Create((byte)'\n'))
        ).ExtractMostSignificantBits();
    }

    private static ulong MarksOfLast(ReadOnlySpan<byte> rest)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        block.Clear();
        rest.CopyTo(block);
        return MarksOf(block);
    }
}
