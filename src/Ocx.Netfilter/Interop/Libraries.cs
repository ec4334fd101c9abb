namespace Ocx.Netfilter.Interop;

/// <summary>The native libraries, by the names that the dynamic linker and the AOT compiler resolve.</summary>
internal static class Libraries
{
    /// <summary>libnetfilter_queue 1.0. The shipped gate links it statically.</summary>
    public const string LibNetfilterQueue = "libnetfilter_queue.so.1";

    /// <summary>libmnl 1.0. It is where the iptables program is, which needs it too.</summary>
    public const string LibMnl = "libmnl.so.0";

    public const string LibC = "libc";
}
