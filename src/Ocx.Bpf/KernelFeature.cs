using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>Asks the running kernel what it can do, by trying it.</summary>
public static unsafe class KernelFeature
{
    // enum bpf_func_id (include/uapi/linux/bpf.h).
    private const ulong BPF_FUNC_get_current_pid_tgid = 14;

    /// <summary>May a socket filter ask for the current task? Linux 6.10 and later.</summary>
    public static bool SocketFilterKnowsCurrentTask { get; } = CanCall(BPF_FUNC_get_current_pid_tgid);

    // Loads "call helper; r0 = 0; exit": the verifier accepts it exactly if the program type may call the helper.
    private static bool CanCall(ulong helper)
    {
        const ulong Call = 0x85, MoveR0Zero = 0xB7, Exit = 0x95;
        ulong* program = stackalloc ulong[3] { Call | (helper << 32), MoveR0Zero, Exit };
        int fd = LibBpf.bpf_prog_load(LibBpf.BPF_PROG_TYPE_SOCKET_FILTER, null, "GPL", program, 3, 0);
        if (fd < 0)
        {
            return false;
        }
        _ = LibC.close(fd);
        return true;
    }
}
