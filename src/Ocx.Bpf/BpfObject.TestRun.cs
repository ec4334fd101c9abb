using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

public sealed unsafe partial class BpfObject
{
    /// <summary>
    /// Runs the loaded program on a packet in the kernel (BPF_PROG_TEST_RUN), without a network device.
    /// </summary>
    /// <param name="frame">An Ethernet frame.</param>
    /// <param name="interfaceIndex">The interface that the packet pretends to come from.</param>
    /// <param name="repeat">How often to run it.</param>
    /// <returns>The program's last return value, and the mean duration of a run in nanoseconds.</returns>
    /// <exception cref="BpfException">The kernel refused the packet.</exception>
    public (uint Result, uint NanosecondsPerRun) TestRun(ReadOnlySpan<byte> frame, int interfaceIndex, int repeat)
    {
        // struct __sk_buff (include/uapi/linux/bpf.h), up to ifindex: the only field set.
        const int SkBuffSize = 192,
            IfIndexOffset = 40;
        byte* context = stackalloc byte[SkBuffSize];
        new Span<byte>(context, SkBuffSize).Clear();
        *(int*)(context + IfIndexOffset) = interfaceIndex;
        fixed (byte* data = frame)
        {
            var options = new LibBpf.bpf_test_run_opts
            {
                sz = (nuint)sizeof(LibBpf.bpf_test_run_opts),
                data_in = data,
                data_size_in = (uint)frame.Length,
                ctx_in = context,
                ctx_size_in = SkBuffSize,
                repeat = repeat,
            };
            Ensure.Success(LibBpf.bpf_prog_test_run_opts(ProgramFd, ref options), $"run {_programName}");
            return (options.retval, options.duration);
        }
    }
}
