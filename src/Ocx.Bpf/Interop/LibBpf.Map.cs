using System.Runtime.InteropServices;

namespace Ocx.Bpf.Interop;

internal static unsafe partial class LibBpf
{
    [LibraryImport(Libraries.LibBpf)]
    public static partial int bpf_map__fd(nint map);

    [LibraryImport(Libraries.LibBpf)]
    public static partial int bpf_map__set_max_entries(nint map, uint maxEntries);

    [LibraryImport(Libraries.LibBpf)]
    public static partial uint bpf_map__max_entries(nint map);

    [LibraryImport(Libraries.LibBpf)]
    public static partial void* bpf_map__initial_value(nint map, out nuint size);

    [LibraryImport(Libraries.LibBpf)]
    public static partial int bpf_map_lookup_elem(int mapFd, void* key, void* value);

    [LibraryImport(Libraries.LibBpf)]
    public static partial int libbpf_num_possible_cpus();
}
