using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using Ocx.Bpf;
using Ocx.NodeAgent.Capture;
using Ocx.NodeAgent.Options;

namespace Ocx.TapBench.Ring;

/// <summary>
/// One measurement of the filter, the ring and the agent's reader, in a process of its own: packets come from CPU 0,
/// the reader runs on CPU 1. Its twin in C is bench/peer/consumer.c; both do the same steps in the same order.
/// </summary>
internal sealed class RingMeasurement : IDisposable
{
    private const int GeneratorCpu = 0,
        ConsumerCpu = 1,
        MaxBurst = 20000,
        Drains = 12,
        RingHeader = 8,
        SmallestRecord = 128;
    private static readonly TimeSpan s_paced = TimeSpan.FromMilliseconds(400),
        s_flood = TimeSpan.FromMilliseconds(600);

    private readonly CountingSink _sink = new();
    private readonly Tap _tap;
    private readonly IPacketSource _packets;
    private readonly CaptureLoop _loop;
    private readonly int _burst;

    public RingMeasurement(string source, ushort port, int payload, string interfaceName, byte flags)
    {
        int interfaceIndex = LinkTable.IndexOf(interfaceName);
        byte[] frame = Frame.Build(port, payload, flags);
        var options = new AgentOptions { Interfaces = [interfaceName], Events = EventFormat.None };
        _tap = Tap.Load(options);
        _packets =
            source == "veth"
                ? new VethSource(_tap.Program, frame, interfaceIndex)
                : new TestRunSource(_tap.Program, frame, interfaceIndex);
        _loop = new CaptureLoop(_tap, _sink);
        int record = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(payload, SmallestRecord));
        _burst = Math.Min(MaxBurst, (int)options.RingSize / 2 / (record + Unsafe.SizeOf<SegmentHeader>() + RingHeader));
    }

    public RingNumbers Run()
    {
        // The loop's thread inherits where it runs.
        Native.Pin(ConsumerCpu);
        _loop.Start();
        Native.Pin(GeneratorCpu);
        double packet = Paced();
        RingNumbers numbers = Flood() with { NsPerPacket = packet };
        _loop.DrainAsync().GetAwaiter().GetResult();
        return numbers;
    }

    /// <summary>The ring filled first, then read in one go: the reader alone.</summary>
    public RingNumbers Drain()
    {
        long spent = 0;
        for (int i = 0; i < Drains; i++)
        {
            Native.Pin(GeneratorCpu);
            _packets.Send(_burst);
            Native.Pin(ConsumerCpu);
            long start = Stopwatch.GetTimestamp();
            _loop.Drain();
            spent += Stopwatch.GetTimestamp() - start;
        }
        return default(RingNumbers) with { DrainNsPerEvent = Nanoseconds(spent) / _loop.Records };
    }

    public void Dispose()
    {
        _packets.Dispose();
        _loop.Dispose();
        _tap.Dispose();
    }

    // Bursts that half fill the ring, each read before the next: nothing is dropped.
    private double Paced()
    {
        (double ns, double runs) = _packets.KernelTime;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_paced)
        {
            _packets.Send(_burst);
            WaitUntilRead();
        }
        (double nsAfter, double runsAfter) = _packets.KernelTime;
        return (nsAfter - ns) / (runsAfter - runs);
    }

    // Without a pause, for as much as the reader takes.
    private RingNumbers Flood()
    {
        TapCounters before = _tap.ReadCounters();
        ulong records = _loop.Records,
            bytes = _sink.Bytes;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_flood)
        {
            _packets.Send(_burst);
        }
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        ulong read = _loop.Records - records,
            readBytes = _sink.Bytes - bytes;
        TapCounters after = _tap.ReadCounters();
        WaitUntilRead();
        ulong filtered = after.Filtered - before.Filtered;
        return default(RingNumbers) with
        {
            EventsPerSecond = read / seconds,
            BytesPerSecond = readBytes / seconds,
            DroppedShare =
                filtered == 0
                    ? 0
                    : (double)(after.Dropped + after.ControlLost - before.Dropped - before.ControlLost) / filtered,
        };
    }

    private void WaitUntilRead()
    {
        ulong submitted = _tap.ReadCounters().Records;
        while (_loop.Records < submitted)
        {
            Thread.Yield();
        }
    }

    private static double Nanoseconds(long ticks) => ticks * 1e9 / Stopwatch.Frequency;
}
