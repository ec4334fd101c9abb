using System.Runtime.InteropServices;

namespace Ocx.TapBench;

/// <summary>The calls that only the benchmark needs. Sources: sched_setaffinity(2), packet(7), kill(2), libbpf's bpf.h.</summary>
internal static unsafe partial class Native
{
    public const int AF_PACKET = 17, SOCK_RAW = 3, SIGTERM = 15;
    public const int BPF_STATS_RUN_TIME = 0;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_setaffinity(int thread, nuint size, ulong* mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int socket, sockaddr_ll* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int socket, byte* buffer, nuint length, int flags);

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

    public static int Check(int result, string action) => result >= 0
        ? result
        : throw new InvalidOperationException($"could not {action}: {Marshal.GetLastPInvokeErrorMessage()}");

    [StructLayout(LayoutKind.Sequential)]
    public struct sockaddr_ll
    {
        public ushort sll_family;
        public ushort sll_protocol;
        public int sll_ifindex;
        public ushort sll_hatype;
        public byte sll_pkttype;
        public byte sll_halen;
        public ulong sll_addr;
    }
}
