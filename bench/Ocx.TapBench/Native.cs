using System.Runtime.InteropServices;

namespace Ocx.TapBench;

/// <summary>The calls that only the benchmark needs. Sources: sched_setaffinity(2), kill(2), libbpf's bpf.h.</summary>
internal static unsafe partial class Native
{
    public const int SIGTERM = 15;
    public const int BPF_STATS_RUN_TIME = 0;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_setaffinity(int thread, nuint size, ulong* mask);

    [LibraryImport("libc")]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int process, int signal);

    [LibraryImport("libbpf.so.1")]
    public static partial int bpf_enable_stats(int type);

    [LibraryImport("libbpf.so.1")]
    public static partial nint libbpf_version_string();

    /// <summary>Keeps the calling thread, and the threads that it starts, on one CPU.</summary>
    public static void Pin(int cpu)
    {
        ulong mask = 1UL << cpu;
        Check(sched_setaffinity(0, sizeof(ulong), &mask), $"pin to CPU {cpu}");
    }

    public static int Check(int result, string action) =>
        result >= 0
            ? result
            : throw new InvalidOperationException($"could not {action}: {Marshal.GetLastPInvokeErrorMessage()}");
}
