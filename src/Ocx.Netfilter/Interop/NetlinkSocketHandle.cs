using Microsoft.Win32.SafeHandles;

namespace Ocx.Netfilter.Interop;

/// <summary>Owns a <c>struct mnl_socket</c>.</summary>
internal sealed class NetlinkSocketHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public NetlinkSocketHandle(nint socket)
        : base(ownsHandle: true) => SetHandle(socket);

    protected override bool ReleaseHandle() => LibMnl.mnl_socket_close(handle) == 0;
}
