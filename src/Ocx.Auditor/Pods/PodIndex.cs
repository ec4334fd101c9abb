using System.Collections.Concurrent;
using System.Net;
using Ocx.Auditor.Audits;

namespace Ocx.Auditor.Pods;

/// <summary>
/// The pods of a cluster by their addresses. Pods on their node's network share its address, so an address may be that
/// of several. A pod that has ended keeps its address for a while, unless another pod has it: what is told late of its
/// last calls is of its own. Read by any thread without a lock; changed by one at a time.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class PodIndex(TimeProvider time)
{
    /// <summary>How long a pod that has ended keeps its address.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);

    /// <summary>How many addresses of such pods are kept at most; the oldest are forgotten.</summary>
    public const int MostEnded = 4096;

    private static readonly IReadOnlyList<ServerPod> s_none = [];
    private static readonly IReadOnlyDictionary<string, string> s_noLabels = new Dictionary<string, string>();

    private readonly Dictionary<string, Entry> _byKey = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ServerPod[]> _byNode = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<IPAddress, ServerPod[]> _byAddress = new();
    private readonly ConcurrentDictionary<IPAddress, ServerPod[]> _ended = new();
    private readonly Queue<(IPAddress Address, ServerPod[] Pods, long Since)> _endedByAge = new();

    /// <summary>A pod has this address since now.</summary>
    public event Action<IPAddress>? Arrived;

    /// <summary>The pods of this node have changed.</summary>
    public event Action<string>? Changed;

    /// <summary>The nodes that have pods.</summary>
    public IEnumerable<string> Nodes => _byNode.Keys;

    /// <summary>The pods of a node that have not ended, also those without an address yet.</summary>
    public IReadOnlyList<ServerPod> On(string node) => _byNode.TryGetValue(node, out ServerPod[]? pods) ? pods : s_none;

    /// <summary>How many addresses are known.</summary>
    public int Addresses => _byAddress.Count;

    /// <summary>The pods at an address; none where none is known.</summary>
    public IReadOnlyList<ServerPod> At(IPAddress address) =>
        _byAddress.TryGetValue(address, out ServerPod[]? pods) || _ended.TryGetValue(address, out pods) ? pods : s_none;

    /// <summary>A pod was added or changed.</summary>
    /// <param name="key">Its namespace and name: a later pod of that name takes its place.</param>
    /// <param name="pod">The pod.</param>
    public void Set(string key, PodObject pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        if (pod.Spec?.NodeName is not { Length: > 0 } node || pod.Status?.Phase is "Succeeded" or "Failed")
        {
            Remove(key);
            return;
        }

        var server = new ServerPod(
            pod.Metadata.NamespaceProperty ?? string.Empty,
            pod.Metadata.Name,
            pod.Metadata.Uid ?? string.Empty,
            node,
            pod.Metadata.Labels is { } labels ? labels.AsReadOnly() : s_noLabels,
            pod.Spec.HostPorts()
        );
        var entry = new Entry(server, [.. AddressesOf(pod.Status)]);
        _byKey.TryGetValue(key, out Entry? before);
        _byKey[key] = entry;
        Place(before?.Pod, server);
        foreach (IPAddress address in entry.Addresses)
        {
            _byAddress[address] = [.. Others(address, before?.Pod), server];
            _ended.TryRemove(address, out _);
            if (before?.Addresses.Contains(address) != true)
            {
                Arrived?.Invoke(address);
            }
        }

        Leave(before, except: entry.Addresses);
    }

    /// <summary>A pod is gone.</summary>
    public void Remove(string key)
    {
        if (_byKey.Remove(key, out Entry? gone))
        {
            Place(gone.Pod, null);
            Leave(gone, except: []);
        }
    }

    /// <summary>The address and port of <c>10.0.0.1:8080</c> or <c>[fd00::1]:8080</c>; null where it is none.</summary>
    public static IPEndPoint? EndOf(string addressAndPort) =>
        IPEndPoint.TryParse(addressAndPort, out IPEndPoint? end) ? new IPEndPoint(Plain(end.Address), end.Port) : null;

    private void Place(ServerPod? before, ServerPod? now)
    {
        if (before is not null && before.Node != now?.Node)
        {
            ServerPod[] others = [.. On(before.Node).Where(other => !ReferenceEquals(other, before))];
            if (others.Length > 0)
            {
                _byNode[before.Node] = others;
            }
            else
            {
                _byNode.TryRemove(before.Node, out _);
            }

            Changed?.Invoke(before.Node);
        }

        if (now is not null)
        {
            _byNode[now.Node] = [.. On(now.Node).Where(other => !ReferenceEquals(other, before)), now];
            Changed?.Invoke(now.Node);
        }
    }

    private void Leave(Entry? entry, IPAddress[] except)
    {
        foreach (IPAddress address in (entry?.Addresses ?? []).Except(except))
        {
            ServerPod[] others = Others(address, entry!.Pod);
            if (others.Length > 0)
            {
                _byAddress[address] = others;
            }
            else
            {
                Keep(address, entry.Pod);
                _byAddress.TryRemove(address, out _);
            }
        }

        Forget();
    }

    private void Keep(IPAddress address, ServerPod pod)
    {
        ServerPod[] ended = [pod];
        _ended[address] = ended;
        _endedByAge.Enqueue((address, ended, time.GetTimestamp()));
    }

    private void Forget()
    {
        while (
            _endedByAge.TryPeek(out (IPAddress Address, ServerPod[] Pods, long Since) oldest)
            && (_endedByAge.Count > MostEnded || time.GetElapsedTime(oldest.Since) >= Memory)
        )
        {
            _endedByAge.Dequeue();
            _ended.TryRemove(KeyValuePair.Create(oldest.Address, oldest.Pods));
        }
    }

    private ServerPod[] Others(IPAddress address, ServerPod? pod) =>
        _byAddress.TryGetValue(address, out ServerPod[]? pods)
            ? [.. pods.Where(other => !ReferenceEquals(other, pod))]
            : [];

    private static IEnumerable<IPAddress> AddressesOf(PodAddresses? status) =>
        (status?.PodIPs ?? [])
            .Select(address => address.Ip)
            .Append(status?.PodIP)
            .Select(text => IPAddress.TryParse(text, out IPAddress? address) ? Plain(address) : null)
            .OfType<IPAddress>()
            .Distinct();

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private sealed record Entry(ServerPod Pod, IPAddress[] Addresses);
}
