using System.Numerics;
using System.Runtime.Intrinsics;

namespace Ocx.Mcp.Http;

/// <summary>Finds the colons and line feeds of a head in one pass, sixteen bytes at once.</summary>
internal ref struct HeadMarks(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _block = -Vector128<byte>.Count;
    private uint _marks;

    /// <summary>Where the next one stands; the end of the bytes when there is none.</summary>
    public int Next()
    {
        while (_marks == 0)
        {
            if (_block + Vector128<byte>.Count >= _bytes.Length)
            {
                return _bytes.Length;
            }

            _block += Vector128<byte>.Count;
            ReadOnlySpan<byte> rest = _bytes[_block..];
            Vector128<byte> block = rest.Length >= Vector128<byte>.Count ? Vector128.Create(rest) : Padded(rest);
            _marks = (Vector128.Equals(block, Vector128.Create((byte)':')) | Vector128.Equals(block, Vector128.Create((byte)'\n')))
                .ExtractMostSignificantBits();
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
        }
        while (at < _bytes.Length && _bytes[at] != '\n');
        return at;
    }

    private static Vector128<byte> Padded(ReadOnlySpan<byte> rest)
    {
        Span<byte> block = stackalloc byte[Vector128<byte>.Count];
        block.Clear();
        rest.CopyTo(block);
        return Vector128.Create(block);
    }
}
