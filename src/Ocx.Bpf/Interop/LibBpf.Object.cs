using System.Runtime.InteropServices;
using Ocx.Bpf.Handles;

namespace Ocx.Bpf.Interop;

/// <summary>libbpf's object and program calls. Source: libbpf.h and bpf.h of libbpf 1.0.</summary>
internal static unsafe partial class LibBpf
{
    public const int BPF_PROG_TYPE_SOCKET_FILTER = 1;

    [LibraryImport(Libraries.LibBpf, SetLastError = true)]
    public static partial nint bpf_object__open_mem(byte* objectBuffer, nuint objectLength, nint options);

    [LibraryImport(Libraries.LibBpf)]
    public static partial int bpf_object__load(BpfObjectHandle bpfObject);

    [LibraryImport(Libraries.LibBpf)]
    public static partial void bpf_object__close(nint bpfObject);

    [LibraryImport(Libraries.LibBpf)]
    public static partial nint bpf_object__btf(BpfObjectHandle bpfObject);

    [LibraryImport(Libraries.LibBpf, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial nint bpf_object__find_program_by_name(BpfObjectHandle bpfObject, string name);

    [LibraryImport(Libraries.LibBpf, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial nint bpf_object__find_map_by_name(BpfObjectHandle bpfObject, string name);

    [LibraryImport(Libraries.LibBpf)]
    public static partial int bpf_program__fd(nint program);

    [LibraryImport(Libraries.LibBpf)]
    public static partial int bpf_program__set_log_buf(nint program, byte* buffer, nuint size);

    [LibraryImport(Libraries.LibBpf, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_prog_load(
        int type,
        string? name,
        string license,
        ulong* instructions,
        nuint count,
        nint options
    );

    [LibraryImport(Libraries.LibBpf)]
    public static partial int bpf_prog_test_run_opts(int programFd, ref bpf_test_run_opts options);

    /// <summary><c>struct bpf_test_run_opts</c> of libbpf 1.0.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct bpf_test_run_opts
    {
        public nuint sz;
        public byte* data_in;
        public byte* data_out;
        public uint data_size_in;
        public uint data_size_out;
        public byte* ctx_in;
        public byte* ctx_out;
        public uint ctx_size_in;
        public uint ctx_size_out;
        public uint retval;
        public int repeat;
        public uint duration;
        public uint flags;
        public uint cpu;
        public uint batch_size;
    }
}
