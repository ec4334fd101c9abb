using Microsoft.Win32.SafeHandles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf.Handles;

/// <summary>
/// Owns a <c>struct ring_buffer</c>: the mappings of one or more ring buffer maps and the epoll instance that waits on
/// them.
/// </summary>
internal sealed class RingBufferHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private RingBufferHandle(nint value)
        : base(ownsHandle: true) => SetHandle(value);

    public static unsafe RingBufferHandle Create(
        int mapFd,
        delegate* unmanaged[Cdecl]<nint, void*, nuint, int> callback,
        nint context
    )
    {
        nint value = LibBpf.ring_buffer__new(mapFd, callback, context, 0);
        return value != 0 ? new RingBufferHandle(value) : throw Ensure.LastError("map the ring buffer");
    }

    protected override bool ReleaseHandle()
    {
        LibBpf.ring_buffer__free(handle);
        return true;
    }
}
