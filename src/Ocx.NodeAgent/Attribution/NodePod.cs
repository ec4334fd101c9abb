using System.Net;
using Ocx.Mcp.Records;
using Ocx.Mcp.Tcp;
using Ocx.NodeAgent.Cluster;

namespace Ocx.NodeAgent.Attribution;

/// <summary>A container of a pod.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">The runtime's id; empty before it runs.</param>
/// <param name="Ports">The TCP ports that it declares.</param>
internal sealed record PodContainer(string Name, string Id, IReadOnlyList<int> Ports);

/// <summary>A pod of this node, as far as calls need it.</summary>
internal sealed record NodePod
{
    /// <summary>Its uid.</summary>
    public required string Uid { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it belongs to: <c>deployment/name</c>; empty for a pod that stands alone.</summary>
    public string Workload { get; init; } = string.Empty;

    /// <summary>Does it use the node's own network, and with it the node's addresses?</summary>
    public bool HostNetwork { get; init; }

    /// <summary>Have all its containers ended for good?</summary>
    public bool HasEnded { get; init; }

    /// <summary>
    /// When the kubelet took it on, in nanoseconds since the Unix epoch: it has its addresses from some moment after
    /// that.
    /// </summary>
    public long StartUnixNs { get; init; }

    /// <summary>
    /// Of a pod that has ended, when the last of its containers had ended at the latest, in nanoseconds since the Unix
    /// epoch; from then on its address may be another's. Else, or when it is not told, the largest value there is.
    /// </summary>
    public long EndUnixNs { get; init; } = long.MaxValue;

    /// <summary>Its addresses, as <see cref="IpEndpoint.Address"/> has them.</summary>
    public IReadOnlyList<UInt128> Addresses { get; init; } = [];

    /// <summary>
    /// Its containers, those that initialise it or were added to debug it included: they call as well.
    /// </summary>
    public IReadOnlyList<PodContainer> Containers { get; init; } = [];

    /// <summary>Reads what the API server sent.</summary>
    public static NodePod From(PodDocument pod)
    {
        PodSpec spec = pod.Spec;
        PodStatus status = pod.Status;
        return new NodePod
        {
            Uid = pod.Metadata.Uid,
            Namespace = pod.Metadata.Namespace,
            Name = pod.Metadata.Name,
            Workload = WorkloadName.Of(pod.Metadata),
            HostNetwork = spec.HostNetwork,
            HasEnded = status.Phase is "Succeeded" or "Failed",
            StartUnixNs = status.StartTime is { } start ? UnixNs(start) : 0,
            EndUnixNs = status.Phase is "Succeeded" or "Failed" ? EndOf(status) : long.MaxValue,
            Addresses = [.. (status.PodIps ?? []).Select(ip => AddressOf(ip.Ip)).OfType<UInt128>()],
            Containers =
            [
                .. Join(spec.Containers, status.ContainerStatuses),
                .. Join(spec.InitContainers, status.InitContainerStatuses),
                .. Join(spec.EphemeralContainers, status.EphemeralContainerStatuses),
            ],
        };
    }

    /// <summary>The pod as one end of a call.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="container">The container, when it is known; else it follows from the pod where it can.</param>
    /// <param name="serverPort">The port that it is called at; null for the end that calls.</param>
    public PeerIdentity Identify(string node, string? container, ushort? serverPort) =>
        new()
        {
            Namespace = Namespace,
            Pod = Name,
            Workload = Workload,
            Node = node,
            Container = container ?? TheOnlyContainer(serverPort),
            PortDeclared =
                serverPort is { } port && Containers.Any(each => each.Ports.Count > 0)
                    ? Containers.Any(each => each.Ports.Contains(port))
                    : null,
        };

    /// <summary>The name of the container with this id; null when the pod has none.</summary>
    public string? ContainerOf(string id) => Containers.FirstOrDefault(container => container.Id == id)?.Name;

    private string TheOnlyContainer(ushort? serverPort)
    {
        if (Containers is [var only])
        {
            return only.Name;
        }
        PodContainer[] serving =
        [
            .. Containers.Where(container => serverPort is { } port && container.Ports.Contains(port)).Take(2),
        ];
        return serving is [var one] ? one.Name : string.Empty;
    }

    private static long UnixNs(DateTimeOffset time) =>
        (time.UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;

    // Times are cut to the second.
    private static long EndOf(PodStatus status) =>
        (status.ContainerStatuses ?? []).Max(each => each.State?.Terminated?.FinishedAt) is { } last
            ? UnixNs(last.AddSeconds(1))
            : long.MaxValue;

    private static UInt128? AddressOf(string text)
    {
        Span<byte> bytes = stackalloc byte[16];
        return IPAddress.TryParse(text, out IPAddress? address) && address.TryWriteBytes(bytes, out int length)
            ? IpEndpoint.From(bytes[..length], 0).Address
            : null;
    }

    private static IEnumerable<PodContainer> Join(
        IReadOnlyList<ContainerSpec>? specs,
        IReadOnlyList<ContainerStatus>? statuses
    ) =>
        (specs ?? []).Select(spec => new PodContainer(
            spec.Name,
            IdOf(statuses?.FirstOrDefault(status => status.Name == spec.Name)?.ContainerId),
            [.. (spec.Ports ?? []).Where(port => port.Protocol == "TCP").Select(port => port.Number)]
        ));

    // containerd://0123…: the runtime's scheme, then the id as it is in the cgroup's name.
    private static string IdOf(string? containerId) =>
        containerId?.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme
            ? containerId[(scheme + 3)..]
            : string.Empty;
}
