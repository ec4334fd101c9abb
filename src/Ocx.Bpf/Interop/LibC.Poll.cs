using System.Runtime.InteropServices;

namespace Ocx.Bpf.Interop;

internal static unsafe partial class LibC
{
    public const short POLLIN = 1;

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Fd;
        public short Events;
        public short Returned;
    }
}
