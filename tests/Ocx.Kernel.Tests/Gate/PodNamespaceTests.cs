using System.Diagnostics;
using System.Globalization;
using Ocx.Gate.Pods;
using Ocx.Kernel.Tests.Harness;
using NetworkNamespace = Ocx.Netfilter.NetworkNamespace;

namespace Ocx.Kernel.Tests.Gate;

/// <summary>Pods' network namespaces are found by real control groups, named as the kubelet's two drivers do.</summary>
public sealed class PodNamespaceTests : KernelTest
{
    private const string Container = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("kubepods/burstable/pod{0}", Container)]
    [InlineData(
        "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{1}.slice",
        $"cri-containerd-{Container}.scope"
    )]
    public void A_pods_namespace_is_that_of_its_oldest_process_outside_of_the_nodes_own(string pod, string container)
    {
        string uid = Guid.NewGuid().ToString();
        using var first = new Harness.NetworkNamespace();
        using var second = new Harness.NetworkNamespace();
        using var group = new PodGroup(
            string.Format(CultureInfo.InvariantCulture, pod, uid, uid.Replace('-', '_')),
            container
        );
        var pods = new PodNamespaces("/proc/self/ns/net");
        var wanted = new HashSet<string> { uid, Guid.NewGuid().ToString() };
        Assert.Empty(pods.Open(wanted));

        // In the pod's group and in the node's namespace, as a runtime's process is for a moment.
        group.Start("sleep", "600");
        Assert.Empty(pods.Open(wanted));

        group.Start("ip", "netns", "exec", first.Name, "sleep", "600");
        WaitFor(() => Found(pods, wanted), uid, first);
        group.Start("ip", "netns", "exec", second.Name, "sleep", "600");
        // A pod of which nothing is asked is not handed out.
        Assert.Empty(pods.Open(new HashSet<string> { Guid.NewGuid().ToString() }));
        WaitFor(() => Found(pods, wanted), uid, first);
    }

    [Fact]
    public void A_group_that_a_container_names_after_another_pod_is_not_that_pod()
    {
        string victim = Guid.NewGuid().ToString();
        string attacker = Guid.NewGuid().ToString();
        using var network = new Harness.NetworkNamespace();
        using var group = new PodGroup($"kubepods/pod{attacker}/{Container}/pod{victim}", Container);
        group.Start("ip", "netns", "exec", network.Name, "sleep", "600");
        var pods = new PodNamespaces("/proc/self/ns/net");
        WaitFor(() => Found(pods, new HashSet<string> { attacker, victim }), attacker, network);
    }

    private static Dictionary<string, ulong> Found(PodNamespaces pods, HashSet<string> uids)
    {
        Dictionary<string, NetworkNamespace> found = pods.Open(uids);
        try
        {
            return found.ToDictionary(pod => pod.Key, pod => pod.Value.Inode);
        }
        finally
        {
            foreach (NetworkNamespace network in found.Values)
            {
                network.Dispose();
            }
        }
    }

    // A program enters its namespace a moment after it began.
    private static void WaitFor(Func<Dictionary<string, ulong>> found, string uid, Harness.NetworkNamespace network)
    {
        using NetworkNamespace expected = NetworkNamespace.Open(network.Name);
        long start = Stopwatch.GetTimestamp();
        Dictionary<string, ulong> last;
        do
        {
            last = found();
        } while (last.Count == 0 && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
        Assert.Equal([KeyValuePair.Create(uid, expected.Inode)], last);
    }
}
