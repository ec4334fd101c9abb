using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ocx.Sandbox.Interop;

/// <summary>
/// The C library's calls. Sources: kill(2), open(2), openat(2), statx(2), getxattr(2) and the kernel's
/// include/uapi/linux/stat.h.
/// </summary>
internal static unsafe partial class LibC
{
    public const int SIGKILL = 9;
    public const int ENODATA = 61;

    public const int O_DIRECTORY = 0x10000,
        O_NOFOLLOW = 0x20000,
        O_CLOEXEC = 0x80000,
        O_PATH = 0x200000;

    public const int AT_SYMLINK_NOFOLLOW = 0x100,
        AT_EMPTY_PATH = 0x1000;

    public const uint STATX_BASIC_STATS = 0x7ff;

    public const int IFMT = 0xf000,
        IFDIR = 0x4000,
        IFCHR = 0x2000;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int process, int signal);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int open(string path, int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int openat(SafeFileHandle folder, string path, int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int statx(SafeFileHandle folder, string path, int flags, uint mask, statx_buffer* buffer);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial nint getxattr(string path, string name, byte* value, nuint size);

    /// <summary><c>struct statx</c>, as far as it is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct statx_buffer
    {
        [FieldOffset(28)]
        public ushort stx_mode;

        [FieldOffset(32)]
        public ulong stx_ino;

        [FieldOffset(40)]
        public ulong stx_size;

        [FieldOffset(112)]
        public long stx_mtime_sec;

        [FieldOffset(120)]
        public uint stx_mtime_nsec;

        [FieldOffset(128)]
        public uint stx_rdev_major;

        [FieldOffset(132)]
        public uint stx_rdev_minor;
    }
}
