using System.Buffers.Binary;
using Ocx.Bpf;
using Ocx.NodeAgent.Options;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// The socket filter, loaded and configured, with its ring buffer and counters. It sees packets once it is attached.
/// </summary>
internal sealed class Tap : IDisposable
{
    /// <summary>The program's name in the kernel.</summary>
    public const string ProgramName = "ocx_socket_filter";

    // Much waiting is a quarter of the ring, but not more than 2 MiB: a wake-up then costs a small part of what it is
    // for, and of the default ring seven eighths are left for what arrives until the reader is awake.
    private const uint MaxWakeupBytes = 2 * 1024 * 1024;
    private const uint MaxRecordPayload = 64 * 1024;

    private readonly TapCounters[] _perCpu = new TapCounters[BpfMap.PossibleCpus];
    private readonly Lock _countersLock = new();
    private readonly BpfMap _stats;

    private Tap(BpfObject program)
    {
        Program = program;
        Events = program.FindMap("events");
        _stats = program.FindMap("stats");
        RingGauge = new RingBufferGauge(Events);
    }

    /// <summary>The loaded filter.</summary>
    public BpfObject Program { get; }

    /// <summary>The ring buffer.</summary>
    public BpfMap Events { get; }

    /// <summary>How full the ring is and was at most; valid until the tap is disposed of.</summary>
    public RingBufferGauge RingGauge { get; }

    /// <summary>Loads the filter with the given settings.</summary>
    /// <exception cref="BpfException">The kernel refused it.</exception>
    public static Tap Load(AgentOptions options)
    {
        BpfObject program = BpfObject.Open(FilterObject.Bytes, ProgramName);
        try
        {
            Configure(program, options);
            program.Load();
            return new Tap(program);
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    /// <summary>Reads the counts of all CPUs. Safe from any thread.</summary>
    public TapCounters ReadCounters()
    {
        lock (_countersLock)
        {
            _stats.ReadPerCpu<TapCounters>(0, _perCpu);
            return TapCounters.Sum(_perCpu);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        RingGauge.Dispose();
        Program.Dispose();
    }

    private static void Configure(BpfObject program, AgentOptions options)
    {
        ushort[] ports = [.. options.Ports.Select(BinaryPrimitives.ReverseEndianness)];
        program.SetConstant<ushort>("ocx_ports", ports);
        program.SetConstant("ocx_port_count", (uint)ports.Length);
        program.SetConstant("ocx_snap_length", (uint)options.CopiedLength);
        program.SetConstant("ocx_record_payload", Math.Min(MaxRecordPayload, options.RingSize / 4));
        program.SetConstant("ocx_wakeup_bytes", Math.Min(MaxWakeupBytes, options.RingSize / 4));
        program.SetConstant("ocx_control_bytes", options.RingSize / 4);
        program.SetConstant("ocx_decapsulate", options.Decapsulate);
        bool forCalls = options.NamesProcesses && options.FollowsCalls;
        program.SetConstant(
            "ocx_process_lookup",
            (forCalls || options.Events is EventFormat.Text or EventFormat.Json)
                && KernelFeature.SocketFilterKnowsCurrentTask()
        );
        program.SetConstant("ocx_forwarded_lookup", forCalls);

        bool severalInterfaces = options.TapsAnyInterface || options.Interfaces.Count > 1;
        program.SetConstant("ocx_flow_ownership", severalInterfaces);
        if (!severalInterfaces)
        {
            program.FindMap("flow_owners").SetMaxEntries(1);
        }
        program.FindMap("events").SetMaxEntries(options.RingSize);
    }
}
