namespace Ocx.Kernel.Tests.Harness;

/// <summary>VLAN tags that the kernel itself pushes when a packet leaves an interface and pops when one arrives.</summary>
internal static class VlanTags
{
    /// <summary>Tags all that leaves the interface, and takes as many tags off all that arrives.</summary>
    /// <param name="namespace">Where the interface is.</param>
    /// <param name="interface">The interface.</param>
    /// <param name="count">"one" or "two".</param>
    /// <param name="offload">"on": the tag travels beside the packet; "off": the kernel writes it into the packet.</param>
    public static void Add(NetworkNamespace @namespace, string @interface, string count, string offload)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "vlan.bpf.o");
        @namespace.Exec("ethtool", "-K", @interface, "txvlan", offload, "tx-vlan-stag-hw-insert", offload);
        @namespace.Exec("tc", "qdisc", "add", "dev", @interface, "clsact");
        foreach ((string hook, string action) in new[] { ("egress", "push"), ("ingress", "pop") })
        {
            @namespace.Exec(
                "tc", "filter", "add", "dev", @interface, hook, "protocol", "all", "bpf", "da", "obj", program, "sec", $"classifier/{action}_{count}");
        }
    }
}
