using Microsoft.Win32.SafeHandles;

namespace Ocx.Netfilter.Interop;

/// <summary>Owns a file descriptor of a kind that .NET does not know: a raw socket, an eventfd, a namespace.</summary>
internal sealed class DescriptorHandle : SafeHandleMinusOneIsInvalid
{
    public DescriptorHandle(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The number, for calls on a packet's way. Whoever uses it keeps this open meanwhile.</summary>
    public int Number => (int)handle;

    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
