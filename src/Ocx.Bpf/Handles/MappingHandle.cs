using Microsoft.Win32.SafeHandles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf.Handles;

/// <summary>Owns a mapping of a file that is shared and only read.</summary>
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

    public static MappingHandle Map(int fd, nuint length, string action)
    {
        nint address = LibC.mmap(0, length, LibC.PROT_READ, LibC.MAP_SHARED, fd, 0);
        return address != LibC.MAP_FAILED ? new MappingHandle(address, length) : throw Ensure.LastError(action);
    }

    protected override bool ReleaseHandle() => LibC.munmap(handle, _length) == 0;
}
