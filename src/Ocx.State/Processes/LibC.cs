using System.Runtime.InteropServices;

namespace Ocx.State.Processes;

/// <summary>The C library's functions that .NET has no name for.</summary>
internal static partial class LibC
{
    /// <summary>End at once; cannot be caught.</summary>
    public const int SIGKILL = 9;

    /// <summary>PostgreSQL: end the sessions, write a checkpoint, end.</summary>
    public const int SIGINT = 2;

    /// <summary>PostgreSQL: end at once, and take the shared memory away.</summary>
    public const int SIGQUIT = 3;

    /// <summary>Command of <see cref="shmctl"/>: remove.</summary>
    public const int IPC_RMID = 0;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chown(string path, uint owner, uint group);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc")]
    public static partial uint getegid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int shmctl(int id, int command, nint buffer);
}
