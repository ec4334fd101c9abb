using System.Runtime.InteropServices;

namespace Ocx.GateBench.Programs;

/// <summary>Calls of the C library.</summary>
internal static unsafe partial class Native
{
    public const int SIGTERM = 15;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int process, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int thread, nuint size, ulong* mask);

    /// <summary>Keeps the calling thread on one processor.</summary>
    public static void Pin(int processor)
    {
        ulong mask = 1UL << processor;
        if (sched_setaffinity(0, sizeof(ulong), &mask) != 0)
        {
            throw new InvalidOperationException($"cannot keep a thread on processor {processor}");
        }
    }
}
