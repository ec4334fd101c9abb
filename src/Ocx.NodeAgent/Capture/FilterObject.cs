namespace Ocx.NodeAgent.Capture;

/// <summary>The compiled socket filter that the binary carries.</summary>
internal static unsafe class FilterObject
{
    /// <summary>The ELF object's bytes, in place.</summary>
    public static ReadOnlySpan<byte> Bytes
    {
        get
        {
            var stream = (UnmanagedMemoryStream)
                typeof(FilterObject).Assembly.GetManifestResourceStream("socket_filter.bpf.o")!;
            return new ReadOnlySpan<byte>(stream.PositionPointer, (int)stream.Length);
        }
    }
}
