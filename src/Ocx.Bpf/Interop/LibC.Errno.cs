using System.Runtime.InteropServices;

namespace Ocx.Bpf.Interop;

internal static unsafe partial class LibC
{
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int EINVAL = 22;
    public const int ENOBUFS = 105;

    [LibraryImport(Libraries.LibC)]
    public static partial int vsnprintf(byte* buffer, nuint size, byte* format, nint arguments);
}
