using System.Runtime.InteropServices;
using Ocx.Bpf.Handles;

namespace Ocx.Bpf.Interop;

internal static unsafe partial class LibBpf
{
    [LibraryImport(Libraries.LibBpf, SetLastError = true)]
    public static partial nint ring_buffer__new(
        int mapFd,
        delegate* unmanaged[Cdecl]<nint, void*, nuint, int> callback,
        nint context,
        nint options
    );

    [LibraryImport(Libraries.LibBpf)]
    public static partial void ring_buffer__free(nint ringBuffer);

    [LibraryImport(Libraries.LibBpf)]
    public static partial int ring_buffer__poll(RingBufferHandle ringBuffer, int timeoutMilliseconds);

    [LibraryImport(Libraries.LibBpf)]
    public static partial int ring_buffer__consume(RingBufferHandle ringBuffer);
}
