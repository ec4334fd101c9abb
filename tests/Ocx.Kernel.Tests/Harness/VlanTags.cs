namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// VLAN tags that the kernel itself pushes when a packet leaves an interface and pops when one arrives.
/// </summary>
internal static class VlanTags
{
    /// <summary>Tags all that leaves the interface, and takes as many tags off all that arrives.</summary>
    /// <param name="namespace">Where the interface is.</param>
    /// <param name="interface">The interface.</param>
    /// <param name="count">"one" or "two".</param>
    /// <param name="offload">
    /// "on": the tag travels beside the packet; "off": the kernel writes it into the packet.
    /// </param>
    public static void Add(NetworkNamespace @namespace, string @interface, string count, string offload)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "vlan.bpf.o");
        @namespace.Exec("ethtool", "-K", @interface, "txvlan", offload, "tx-vlan-stag-hw-insert", offload);
        // A veth takes one tag more than its MTU, as Ethernet does, and drops what has two (net/core/dev.c:
        // is_skb_forwardable). TCP is told, and sends the segment again without counting it as sent again: whoever
        // watches the interface sees it twice.
        @namespace.Ip($"link set {@interface} mtu 1508");
        @namespace.Exec("sh", "-c", $"ip route change $(ip route show dev {@interface}) dev {@interface} mtu 1500");
        @namespace.Exec("tc", "qdisc", "add", "dev", @interface, "clsact");
        foreach ((string hook, string action) in new[] { ("egress", "push"), ("ingress", "pop") })
        {
            @namespace.Exec(
                "tc",
                "filter",
                "add",
                "dev",
                @interface,
                hook,
                "protocol",
                "all",
                "bpf",
                "da",
                "obj",
                program,
                "sec",
                $"classifier/{action}_{count}"
            );
        }
    }
}
