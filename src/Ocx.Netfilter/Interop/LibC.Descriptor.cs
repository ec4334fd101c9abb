using System.Runtime.InteropServices;

namespace Ocx.Netfilter.Interop;

internal static unsafe partial class LibC
{
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;
    public const int EFD_NONBLOCK = O_NONBLOCK;
    public const int EFD_CLOEXEC = O_CLOEXEC;
    public const int CLONE_NEWNET = 0x40000000;
    public const short POLLIN = 1;

    public const int AT_FDCWD = -100,
        AT_EMPTY_PATH = 0x1000;
    public const uint STATX_INO = 0x100;

    [LibraryImport(Libraries.LibC, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int open(string path, int flags);

    [LibraryImport(Libraries.LibC)]
    public static partial int close(int descriptor);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial int eventfd(uint count, int flags);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial nint read(DescriptorHandle descriptor, void* buffer, nuint length);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial nint pread(DescriptorHandle descriptor, void* buffer, nuint length, nint offset);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial nint write(DescriptorHandle descriptor, void* buffer, nuint length);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial int setns(DescriptorHandle descriptor, int type);

    [LibraryImport(Libraries.LibC, SetLastError = true)]
    public static partial int ppoll(pollfd* descriptors, nuint count, timespec* timeout, void* signals);

    [LibraryImport(Libraries.LibC, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int statx(int folder, string path, int flags, uint mask, statx_buffer* buffer);

    /// <summary>What <c>struct statx</c> has up to the inode, and room for the rest.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct statx_buffer
    {
        [FieldOffset(32)]
        public ulong stx_ino;
    }

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct pollfd
    {
        public int fd;
        public short events;
        public short revents;
    }

    /// <summary><c>struct timespec</c> on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct timespec
    {
        public long tv_sec;
        public long tv_nsec;
    }
}
