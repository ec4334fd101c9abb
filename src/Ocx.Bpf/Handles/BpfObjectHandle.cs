using Microsoft.Win32.SafeHandles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf.Handles;

/// <summary>
/// Owns a <c>struct bpf_object</c>: closing it unloads its programs and maps once nothing else holds them.
/// </summary>
internal sealed class BpfObjectHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private BpfObjectHandle(nint value)
        : base(ownsHandle: true) => SetHandle(value);

    public static unsafe BpfObjectHandle Open(ReadOnlySpan<byte> elf)
    {
        fixed (byte* bytes = elf)
        {
            nint value = LibBpf.bpf_object__open_mem(bytes, (nuint)elf.Length, 0);
            return value != 0 ? new BpfObjectHandle(value) : throw Ensure.LastError("open the BPF object");
        }
    }

    protected override bool ReleaseHandle()
    {
        LibBpf.bpf_object__close(handle);
        return true;
    }
}
