using Ocx.Bpf;

namespace Ocx.TapBench.Ring;

/// <summary>
/// BPF_PROG_TEST_RUN: the filter alone, again and again on one packet. The kernel takes frames up to a page.
/// </summary>
internal sealed class TestRunSource(BpfObject program, byte[] frame, int interfaceIndex) : IPacketSource
{
    public (double Nanoseconds, double Runs) KernelTime { get; private set; }

    public void Send(int count)
    {
        (_, uint nanoseconds) = program.TestRun(frame, interfaceIndex, count);
        KernelTime = (KernelTime.Nanoseconds + ((double)nanoseconds * count), KernelTime.Runs + count);
    }

    public void Dispose() { }
}
