using System.Globalization;
using Ocx.Bpf;
using Ocx.Bpf.Handles;
using Ocx.Bpf.Interop;

namespace Ocx.TapBench.Ring;

/// <summary>
/// Real packets that leave through a veth. The kernel times each run of the filter (BPF_ENABLE_STATS); its two looks at
/// the clock are part of the number.
/// </summary>
internal sealed unsafe class VethSource : IPacketSource
{
    private readonly BpfObject _program;
    private readonly PacketSocket _tap;
    private readonly byte[] _frame;
    private readonly SocketHandle _socket;
    private readonly int _stats;

    public VethSource(BpfObject program, byte[] frame, int interfaceIndex)
    {
        _program = program;
        _frame = frame;
        _tap = PacketSocket.Attach(program, interfaceIndex);
        _socket = SocketHandle.Open(LibC.AF_PACKET, LibC.SOCK_RAW, 0);
        var address = new LibC.sockaddr_ll { sll_family = LibC.AF_PACKET, sll_ifindex = interfaceIndex };
        Ensure.NotNegative(LibC.bind(_socket, &address, (uint)sizeof(LibC.sockaddr_ll)), "bind to the interface");
        _stats = Native.Check(Native.bpf_enable_stats(Native.BPF_STATS_RUN_TIME), "have the kernel time its programs");
    }

    public (double Nanoseconds, double Runs) KernelTime
    {
        get
        {
            string[] lines = File.ReadAllLines($"/proc/self/fdinfo/{_program.ProgramFd}");
            return (Field("run_time_ns:"), Field("run_cnt:"));

            double Field(string name) =>
                double.Parse(
                    lines.Single(line => line.StartsWith(name, StringComparison.Ordinal)).AsSpan(name.Length),
                    CultureInfo.InvariantCulture
                );
        }
    }

    public void Send(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Send(_frame);
        }
    }

    /// <summary>Sends a frame of its own.</summary>
    public void Send(byte[] frame)
    {
        fixed (byte* data = frame)
        {
            Ensure.NotNegative((int)LibC.send(_socket, data, (nuint)frame.Length, 0), "send a frame");
        }
    }

    public void Dispose()
    {
        _ = Native.close(_stats);
        _socket.Dispose();
        _tap.Dispose();
    }
}
