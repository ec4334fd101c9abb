using Microsoft.Win32.SafeHandles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf.Handles;

/// <summary>Owns a socket of a family that .NET's <c>Socket</c> does not know: packet(7), netlink(7).</summary>
internal sealed class SocketHandle : SafeHandleMinusOneIsInvalid
{
    private SocketHandle(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    public static SocketHandle Open(int domain, int type, int protocol) =>
        new(Ensure.NotNegative(LibC.socket(domain, type | LibC.SOCK_CLOEXEC, protocol), "open a socket"));

    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
