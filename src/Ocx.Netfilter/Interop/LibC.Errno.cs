namespace Ocx.Netfilter.Interop;

/// <summary>The C library's calls. Sources: errno(3), socket(2), netlink(7), raw(7), eventfd(2), setns(2).</summary>
internal static unsafe partial class LibC
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int EINVAL = 22;
    public const int EOPNOTSUPP = 95;
    public const int EAFNOSUPPORT = 97;
    public const int EPROTONOSUPPORT = 93;
    public const int ENOBUFS = 105;
}
