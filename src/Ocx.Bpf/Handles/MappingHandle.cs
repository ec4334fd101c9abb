using Microsoft.Win32.SafeHandles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf.Handles;

/// <summary>Owns a shared mapping of a file.</summary>
internal sealed class MappingHandle : SafeHandleMinusOneIsInvalid
{
    private readonly nuint _length;

    private MappingHandle(nint address, nuint length)
        : base(ownsHandle: true)
    {
        _length = length;
        SetHandle(address);
    }

    public nint Address => handle;

    /// <summary>Maps a part of a file.</summary>
    /// <param name="fd">The file.</param>
    /// <param name="length">How many bytes, a multiple of the page's size as <paramref name="offset"/> is.</param>
    /// <param name="action">What for, in the words of an error's text.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="writable">Whether it is written, or only read.</param>
    public static MappingHandle Map(int fd, nuint length, string action, nuint offset = 0, bool writable = false)
    {
        int protection = LibC.PROT_READ | (writable ? LibC.PROT_WRITE : 0);
        nint address = LibC.mmap(0, length, protection, LibC.MAP_SHARED, fd, (nint)offset);
        return address != LibC.MAP_FAILED ? new MappingHandle(address, length) : throw Ensure.LastError(action);
    }

    protected override bool ReleaseHandle() => LibC.munmap(handle, _length) == 0;
}
