using Microsoft.Win32.SafeHandles;
using Ocx.Sandbox.Interop;

namespace Ocx.Sandbox.Files;

/// <summary>What tells that a file is another than it was.</summary>
/// <param name="Kind">File, folder, link: the type of its mode.</param>
/// <param name="Inode">Its number.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Seconds">When it was last written, since 1970.</param>
/// <param name="Nanoseconds">And the rest of that second.</param>
/// <param name="IsWhiteout">An overlay's mark that what lies below is gone: a device of number 0.</param>
internal readonly record struct FileStat(
    int Kind,
    ulong Inode,
    ulong Size,
    long Seconds,
    uint Nanoseconds,
    bool IsWhiteout
)
{
    /// <summary>Is it a folder?</summary>
    public bool IsFolder => Kind == LibC.IFDIR;

    /// <summary>Is its content as that of another, as far as times and sizes tell?</summary>
    public bool IsAs(FileStat other) =>
        Kind == other.Kind && Size == other.Size && Seconds == other.Seconds && Nanoseconds == other.Nanoseconds;

    /// <summary>Looks at what is in a folder, without following links; null when it is not there.</summary>
    public static unsafe FileStat? Of(SafeFileHandle folder, string name)
    {
        LibC.statx_buffer buffer;
        int flags = LibC.AT_SYMLINK_NOFOLLOW | (name.Length == 0 ? LibC.AT_EMPTY_PATH : 0);
        if (LibC.statx(folder, name, flags, LibC.STATX_BASIC_STATS, &buffer) != 0)
        {
            return null;
        }

        int kind = buffer.stx_mode & LibC.IFMT;
        return new FileStat(
            kind,
            buffer.stx_ino,
            buffer.stx_size,
            buffer.stx_mtime_sec,
            buffer.stx_mtime_nsec,
            kind == LibC.IFCHR && buffer.stx_rdev_major == 0 && buffer.stx_rdev_minor == 0
        );
    }

    /// <summary>Opens a folder, without following a link at its end; null when it is none.</summary>
    public static SafeFileHandle? OpenFolder(string path) => Own(LibC.open(path, Flags));

    /// <summary>Opens a folder in a folder, without following a link; null when it is none.</summary>
    public static SafeFileHandle? OpenFolder(SafeFileHandle folder, string name) =>
        Own(LibC.openat(folder, name, Flags));

    /// <summary>A path by which the process finds an open folder.</summary>
    public static string PathOf(SafeFileHandle folder) => $"/proc/self/fd/{folder.DangerousGetHandle()}/";

    private const int Flags = LibC.O_PATH | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC;

    private static SafeFileHandle? Own(int descriptor) =>
        descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
}
