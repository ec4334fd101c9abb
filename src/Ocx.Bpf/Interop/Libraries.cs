namespace Ocx.Bpf.Interop;

/// <summary>The native libraries, by the names that the dynamic linker and the AOT compiler resolve.</summary>
internal static class Libraries
{
    /// <summary>libbpf 1.0 or later. The shipped agent links it statically.</summary>
    public const string LibBpf = "libbpf.so.1";

    public const string LibC = "libc";
}
