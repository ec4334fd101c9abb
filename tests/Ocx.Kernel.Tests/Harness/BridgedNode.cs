using System.Net;

namespace Ocx.Kernel.Tests.Harness;

/// <summary>
/// A node as a container network makes it: the bridge br0 with two pods' veths, pod1 and pod2, on it.
/// </summary>
internal sealed class BridgedNode : IDisposable
{
    public BridgedNode()
    {
        Host.Ip("link add br0 type bridge");
        Host.Ip("link set br0 up");
        Host.Ip($"address add {HostAddress}/24 dev br0");
        Join(FirstPod, "pod1", "10.1.0.2/24");
        Join(SecondPod, "pod2", $"{SecondAddress}/24");
    }

    public NetworkNamespace Host { get; } = new();

    public NetworkNamespace FirstPod { get; } = new();

    public NetworkNamespace SecondPod { get; } = new();

    public IPAddress HostAddress { get; } = IPAddress.Parse("10.1.0.1");

    public IPAddress SecondAddress { get; } = IPAddress.Parse("10.1.0.3");

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstPod.Dispose();
        SecondPod.Dispose();
        Host.Dispose();
    }

    private void Join(NetworkNamespace pod, string name, string address)
    {
        NetworkNamespace.Connect(Host, name, pod, "eth0");
        Host.Ip($"link set {name} master br0");
        pod.Ip($"address add {address} dev eth0");
    }
}
