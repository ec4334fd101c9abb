using System.Runtime.InteropServices;

namespace Ocx.NodeAgent.Capture;

/// <summary>
/// The filter's counts since it was loaded: <c>struct ocx_counters</c> of bpf/event.h, field by field. It holds that
/// <c>Filtered = Captured + Dropped + Empty + Duplicates</c>, and for payload bytes
/// <c>FilteredBytes = CapturedBytes + DroppedBytes + DuplicateBytes + TruncatedBytes</c>. Of the empty packets some are
/// in the ring, as
/// <c>Control</c> counts them.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct TapCounters
{
    /// <summary>Packets that the filter ran on.</summary>
    public ulong Total;

    /// <summary>Their length from the network header on.</summary>
    public ulong TotalBytes;

    /// <summary>TCP packets with a tapped port at either end.</summary>
    public ulong Filtered;

    /// <summary>Their payload.</summary>
    public ulong FilteredBytes;

    /// <summary>Packets whose payload went into the ring, up to the snap length.</summary>
    public ulong Captured;

    /// <summary>Payload that went into the ring.</summary>
    public ulong CapturedBytes;

    /// <summary>Packets lost because the ring was full.</summary>
    public ulong DroppedRingFull;

    /// <summary>Packets lost because their payload could not be read.</summary>
    public ulong DroppedCopyFailed;

    /// <summary>Payload lost for either reason.</summary>
    public ulong DroppedBytes;

    /// <summary>Packets without payload: handshakes, acknowledgments, closes.</summary>
    public ulong Empty;

    /// <summary>Packets captured elsewhere: on another interface, or on lo on their way out.</summary>
    public ulong Duplicates;

    /// <summary>Their payload.</summary>
    public ulong DuplicateBytes;

    /// <summary>Captured packets that the snap length cut.</summary>
    public ulong Truncated;

    /// <summary>What it cut off.</summary>
    public ulong TruncatedBytes;

    /// <summary>IP fragments of TCP packets, which cannot be read; not in <see cref="Filtered"/>.</summary>
    public ulong Fragments;

    /// <summary>Packets whose headers contradict themselves; not in <see cref="Filtered"/>.</summary>
    public ulong Malformed;

    /// <summary>
    /// Packets of tunnels (VXLAN, Geneve, GRE, IP in IP) that were not opened, so that what they carry is not in
    /// <see cref="Filtered"/>.
    /// </summary>
    public ulong Encapsulated;

    /// <summary>Records submitted to the ring.</summary>
    public ulong Records;

    /// <summary>Empty packets that open or end a connection (SYN, FIN, RST), whose header went into the ring.</summary>
    public ulong Control;

    /// <summary>Those for which the ring had no room to spare: a quarter of it or more was waiting.</summary>
    public ulong ControlLost;

    /// <summary>Packets lost for either reason.</summary>
    public readonly ulong Dropped => DroppedRingFull + DroppedCopyFailed;

    /// <summary>Adds up the counts of all CPUs.</summary>
    public static TapCounters Sum(ReadOnlySpan<TapCounters> perCpu)
    {
        var sum = default(TapCounters);
        Span<ulong> fields = MemoryMarshal.Cast<TapCounters, ulong>(new Span<TapCounters>(ref sum));
        foreach (ref readonly TapCounters cpu in perCpu)
        {
            ReadOnlySpan<ulong> values = MemoryMarshal.Cast<TapCounters, ulong>(new ReadOnlySpan<TapCounters>(in cpu));
            for (int i = 0; i < fields.Length; i++)
            {
                fields[i] += values[i];
            }
        }
        return sum;
    }
}
