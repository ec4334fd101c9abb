using System.Runtime.InteropServices;

namespace Ocx.Bpf.Interop;

internal static unsafe partial class LibBpf
{
    public const uint BTF_KIND_STRUCT = 4;
    public const uint BTF_KIND_DATASEC = 15;

    [LibraryImport(Libraries.LibBpf, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int btf__find_by_name_kind(nint btf, string name, uint kind);

    [LibraryImport(Libraries.LibBpf)]
    public static partial btf_type* btf__type_by_id(nint btf, uint id);

    [LibraryImport(Libraries.LibBpf)]
    public static partial nint btf__name_by_offset(nint btf, uint offset);

    /// <summary><c>struct btf_type</c> (include/uapi/linux/btf.h); its members follow it in memory.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct btf_type
    {
        public uint name_off;
        public uint info;
        public uint size;

        public readonly int vlen => (int)(info & 0xFFFF);
    }

    /// <summary><c>struct btf_member</c>: the offset is in bits.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct btf_member
    {
        public uint name_off;
        public uint type;
        public uint offset;
    }

    /// <summary><c>struct btf_var_secinfo</c>: offset and size are in bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct btf_var_secinfo
    {
        public uint type;
        public uint offset;
        public uint size;
    }
}
