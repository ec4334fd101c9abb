using System.Runtime.InteropServices;

namespace Ocx.Netfilter.Tests;

/// <summary>Memory behind which nothing may be read (mmap(2), mprotect(2)). It lives as long as the process.</summary>
internal sealed unsafe partial class GuardedMemory
{
    private const int Size = 128 << 10;

    private readonly byte* _end;

    public GuardedMemory()
    {
        const int readWrite = 3,
            privateAnonymous = 0x22;
        int page = Environment.SystemPageSize;
        nint start = mmap(0, (nuint)(Size + page), readWrite, privateAnonymous, -1, 0);
        Assert.NotEqual(-1, start);
        _end = (byte*)start + Size;
        Assert.Equal(0, mprotect((nint)_end, (nuint)page, 0));
    }

    /// <summary>
    /// Puts bytes as near to the end as their alignment to 4 lets, and fills up what is behind with a value that would
    /// be a long length.
    /// </summary>
    public byte* Place(ReadOnlySpan<byte> bytes)
    {
        byte* start = _end - ((bytes.Length + 3) & ~3);
        new Span<byte>(start, (int)(_end - start)).Fill(0x7F);
        bytes.CopyTo(new Span<byte>(start, bytes.Length));
        return start;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(nint address, nuint length, int protection);
}
