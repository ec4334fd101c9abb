using System.Runtime.InteropServices;

namespace Ocx.Bpf.Interop;

internal static unsafe partial class LibBpf
{
    public const int LIBBPF_WARN = 0;
    public const int LIBBPF_INFO = 1;
    public const int LIBBPF_DEBUG = 2;

    /// <summary>
    /// The callback's third argument is a <c>va_list</c>, which both the x86-64 and the AArch64 calling conventions
    /// pass as a pointer.
    /// </summary>
    [LibraryImport(Libraries.LibBpf)]
    public static partial nint libbpf_set_print(delegate* unmanaged[Cdecl]<int, byte*, nint, int> print);
}
