using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>Asks the running kernel what it can do, by trying it.</summary>
public static unsafe class KernelFeature
{
    // enum bpf_func_id (include/uapi/linux/bpf.h).
    private const uint BPF_FUNC_get_current_pid_tgid = 14;

    /// <summary>May a socket filter ask for the current task? Linux 6.10 and later.</summary>
    /// <exception cref="BpfException">The kernel does not answer: it refused the question for another reason, such as a
    /// missing right.</exception>
    public static bool SocketFilterKnowsCurrentTask() => CanCall(BPF_FUNC_get_current_pid_tgid);

    /// <summary>May a socket filter call a helper?</summary>
    internal static bool CanCall(uint helper)
    {
        // "call helper; r0 = 0; exit": the verifier accepts it exactly if the program type may call the helper.
        const ulong Call = 0x85,
            MoveR0Zero = 0xB7,
            Exit = 0x95;
        return Accepts([Call | ((ulong)helper << 32), MoveR0Zero, Exit]);
    }

    /// <summary>Does the verifier accept these instructions as a socket filter?</summary>
    /// <exception cref="BpfException">It did not come to a verdict.</exception>
    internal static bool Accepts(ReadOnlySpan<ulong> program)
    {
        int fd;
        fixed (ulong* instructions = program)
        {
            fd = LibBpf.bpf_prog_load(
                LibBpf.BPF_PROG_TYPE_SOCKET_FILTER,
                null,
                "GPL",
                instructions,
                (nuint)program.Length,
                0
            );
        }
        // EINVAL is the verifier's word for a helper that it does not know, or not for this type of program. All else
        // says nothing of the kernel's age.
        if (fd == -LibC.EINVAL)
        {
            return false;
        }
        _ = LibC.close(Ensure.Success(fd, "ask the kernel what a socket filter may call"));
        return true;
    }
}
