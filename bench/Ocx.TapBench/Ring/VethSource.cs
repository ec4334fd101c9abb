using System.Globalization;
using Ocx.Bpf;

namespace Ocx.TapBench.Ring;

/// <summary>
/// Real packets that leave through a veth. The kernel times each run of the filter (BPF_ENABLE_STATS); its two looks at the
/// clock are part of the number.
/// </summary>
internal sealed unsafe class VethSource : IPacketSource
{
    private readonly BpfObject _program;
    private readonly PacketSocket _tap;
    private readonly byte[] _frame;
    private readonly int _socket;
    private readonly int _stats;

    public VethSource(BpfObject program, byte[] frame, int interfaceIndex)
    {
        _program = program;
        _frame = frame;
        _tap = PacketSocket.Attach(program, interfaceIndex);
        _socket = Native.Check(Native.socket(Native.AF_PACKET, Native.SOCK_RAW, 0), "open a socket for packets");
        var address = new Native.sockaddr_ll { sll_family = Native.AF_PACKET, sll_ifindex = interfaceIndex };
        Native.Check(Native.bind(_socket, &address, (uint)sizeof(Native.sockaddr_ll)), "bind to the interface");
        _stats = Native.Check(Native.bpf_enable_stats(Native.BPF_STATS_RUN_TIME), "have the kernel time its programs");
    }

    public (double Nanoseconds, double Runs) KernelTime
    {
        get
        {
            string[] lines = File.ReadAllLines($"/proc/self/fdinfo/{_program.ProgramFd}");
            return (Field("run_time_ns:"), Field("run_cnt:"));

            double Field(string name) => double.Parse(
                lines.Single(line => line.StartsWith(name, StringComparison.Ordinal)).AsSpan(name.Length), CultureInfo.InvariantCulture);
        }
    }

    public void Send(int count)
    {
        fixed (byte* frame = _frame)
        {
            for (int i = 0; i < count; i++)
            {
                Native.Check((int)Native.send(_socket, frame, (nuint)_frame.Length, 0), "send");
            }
        }
    }

    public void Dispose()
    {
        _ = Native.close(_stats);
        _ = Native.close(_socket);
        _tap.Dispose();
    }
}
