using System.Runtime.InteropServices;
using Ocx.Bpf.Handles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>
/// Waits for changes of network interfaces: added, removed, up, down, renamed (rtnetlink(7), RTMGRP_LINK).
/// </summary>
public sealed unsafe class LinkEvents : IDisposable
{
    private const uint RTMGRP_LINK = 1;

    private readonly SocketHandle _socket;

    /// <summary>Subscribes in the calling thread's network namespace.</summary>
    /// <param name="timeout">How long <see cref="Wait"/> waits at most.</param>
    public LinkEvents(TimeSpan timeout)
    {
        _socket = SocketHandle.Open(LibC.AF_NETLINK, LibC.SOCK_RAW, 0);
        try
        {
            var address = new LibC.sockaddr_nl { nl_family = LibC.AF_NETLINK, nl_groups = RTMGRP_LINK };
            Ensure.NotNegative(
                LibC.bind(_socket, &address, (uint)sizeof(LibC.sockaddr_nl)),
                "subscribe to interface changes"
            );
            var time = new LibC.timeval { tv_sec = (long)timeout.TotalSeconds, tv_usec = timeout.Milliseconds * 1000 };
            Ensure.NotNegative(
                LibC.setsockopt(_socket, LibC.SOL_SOCKET, LibC.SO_RCVTIMEO, &time, (uint)sizeof(LibC.timeval)),
                "limit the wait for interface changes"
            );
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Blocks until something changed or the time is over. What changed is not told: the caller looks at
    /// <see cref="LinkTable"/>, so a lost or merged message does no harm.
    /// </summary>
    /// <returns>True when something changed.</returns>
    public bool Wait()
    {
        byte* buffer = stackalloc byte[8192];
        if (LibC.recv(_socket, buffer, 8192, 0) >= 0)
        {
            return true;
        }
        int errno = Marshal.GetLastPInvokeError();
        return errno switch
        {
            LibC.EAGAIN or LibC.EINTR => false,
            LibC.ENOBUFS => true,
            _ => throw new BpfException("wait for interface changes", errno),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
