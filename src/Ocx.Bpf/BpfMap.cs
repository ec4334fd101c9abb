using System.Runtime.CompilerServices;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>A map of a <see cref="BpfObject"/>; valid while the object is.</summary>
public sealed unsafe class BpfMap
{
    private readonly string _name;

    internal BpfMap(nint native, string name)
    {
        Native = native;
        _name = name;
    }

    internal nint Native { get; }

    /// <summary>The map's file descriptor once the object is loaded; owned by the object.</summary>
    public int Fd => Ensure.Success(LibBpf.bpf_map__fd(Native), $"use the map {_name}: it is not loaded");

    /// <summary>The number of CPUs that per-CPU maps hold a value for.</summary>
    public static int PossibleCpus { get; } = Ensure.Success(LibBpf.libbpf_num_possible_cpus(), "count the CPUs");

    /// <summary>The number of entries, for a ring buffer its size in bytes.</summary>
    public uint MaxEntries => LibBpf.bpf_map__max_entries(Native);

    /// <summary>Sets the number of entries, for a ring buffer its size in bytes, before the load.</summary>
    public void SetMaxEntries(uint entries) =>
        Ensure.Success(LibBpf.bpf_map__set_max_entries(Native, entries), $"size the map {_name}");

    /// <summary>Reads one entry of a per-CPU array: a value for each possible CPU.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="values">Receives <see cref="PossibleCpus"/> values.</param>
    /// <exception cref="ArgumentException">
    /// The span has another length, or the value's size is no multiple of 8 bytes.
    /// </exception>
    public void ReadPerCpu<T>(uint index, Span<T> values)
        where T : unmanaged
    {
        // The kernel rounds each CPU's value up to 8 bytes, so only such types lie one behind the other.
        if (values.Length != PossibleCpus || Unsafe.SizeOf<T>() % 8 != 0)
        {
            throw new ArgumentException($"want {PossibleCpus} values of a multiple of 8 bytes", nameof(values));
        }
        fixed (T* buffer = values)
        {
            Ensure.Success(LibBpf.bpf_map_lookup_elem(Fd, &index, buffer), $"read the map {_name}");
        }
    }
}
