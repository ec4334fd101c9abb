using Ocx.Mcp.Tcp;
using Ocx.NodeProgram;

namespace Ocx.NodeAgent.Attribution;

/// <summary>
/// Which pod of this node held which address when. Addresses are used again, and when exactly a pod gets and loses one
/// is not told: where two pods may have held an address, neither is named. Safe from any thread; times are nanoseconds
/// since the Unix epoch.
/// </summary>
internal sealed class PodTable
{
    // A call is given up after half an hour, and is then looked up by its beginning.
    private const long Remembered = 35 * 60 * 1_000_000_000L;
    private const int MaxEnded = 4096;

    // A pod that has no address for so long is stuck, and calls nobody.
    private const long LongestStart = 30 * 1_000_000_000L;

    // Of a pod that is heard of so late, calls may have come before.
    private const long WatchDelay = 2 * 1_000_000_000L;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Tenancy> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, List<Tenure>> _addresses = [];
    private readonly Dictionary<string, Tenancy> _containers = new(StringComparer.Ordinal);
    private readonly Queue<Tenancy> _ended = new();

    // Those whose address is still to be told.
    private readonly List<Tenancy> _starting = [];

    // Pods that came and went before this moment may be unknown.
    private long _knownSince = long.MaxValue;

    // Between these nothing was heard of the pods.
    private long _doubtedFrom = long.MaxValue;
    private long _trustedFrom = long.MaxValue;

    /// <summary>How many pods are remembered, ended ones included.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _pods.Count;
            }
        }
    }

    /// <summary>These are the node's pods; what was there before and is not among them has ended.</summary>
    public void Replace(IEnumerable<NodePod> pods, long now)
    {
        lock (_lock)
        {
            var listed = new HashSet<string>(StringComparer.Ordinal);
            foreach (NodePod pod in pods)
            {
                listed.Add(pod.Uid);
                PutLocked(pod, now);
            }
            foreach (
                Tenancy gone in _pods.Values.Where(each => !each.HasEnded && !listed.Contains(each.Pod.Uid)).ToArray()
            )
            {
                End(gone, now);
            }
            // What was missed before a later list lies within a doubt.
            _knownSince = Math.Min(_knownSince, now);
        }
    }

    /// <summary>A pod came or changed.</summary>
    public void Put(NodePod pod, long now)
    {
        lock (_lock)
        {
            PutLocked(pod, now);
        }
    }

    /// <summary>A pod is gone.</summary>
    public void Remove(string uid, long now)
    {
        lock (_lock)
        {
            if (_pods.TryGetValue(uid, out Tenancy? gone))
            {
                End(gone, now);
            }
        }
    }

    /// <summary>From now on pods may come and go unheard.</summary>
    public void Doubt(long now)
    {
        lock (_lock)
        {
            // A doubt that is not over goes on; of one that is, only the end is remembered.
            if (_doubtedFrom > now || _trustedFrom <= now)
            {
                _knownSince = _doubtedFrom < now ? Math.Max(_knownSince, _trustedFrom) : _knownSince;
                _doubtedFrom = now;
            }
            _trustedFrom = long.MaxValue;
        }
    }

    /// <summary>From that time on all is heard again, and what passed meanwhile is told before.</summary>
    public void Trust(long from)
    {
        lock (_lock)
        {
            _trustedFrom = from;
        }
    }

    /// <summary>
    /// The one pod that can have had the address at that time; null when there is none, or may be another.
    /// </summary>
    /// <param name="end">The address.</param>
    /// <param name="at">The time.</param>
    /// <param name="mayCome">
    /// With null: no pod is known to have had it then, but what the kubelet has yet to tell may name one.
    /// </param>
    public NodePod? HolderOf(IpEndpoint end, long at, out bool mayCome)
    {
        mayCome = false;
        lock (_lock)
        {
            if (at < _knownSince || (at >= _doubtedFrom && at < _trustedFrom))
            {
                return null;
            }
            if (!_addresses.TryGetValue(end.Address, out List<Tenure>? tenures))
            {
                mayCome = true;
                return null;
            }
            Tenure? holder = null;
            foreach (Tenure tenure in tenures)
            {
                if (tenure.Start <= at && at <= tenure.End)
                {
                    if (holder is not null)
                    {
                        return null;
                    }
                    holder = tenure;
                }
            }
            mayCome = holder is null;
            return holder?.Of.Pod;
        }
    }

    /// <summary>
    /// Was a pod starting at that time whose address is still to be told? A call of that time may be its own.
    /// </summary>
    /// <param name="at">The time, in nanoseconds since the Unix epoch.</param>
    public bool IsOneStarting(long at)
    {
        lock (_lock)
        {
            return _starting.Exists(pod => pod.Since - WatchDelay <= at && at <= pod.Since + LongestStart);
        }
    }

    /// <summary>The pod that a container is part of, for some time after its end too.</summary>
    public NodePod? Find(in ContainerCgroup container)
    {
        lock (_lock)
        {
            return (
                _pods.GetValueOrDefault(container.PodUid) ?? _containers.GetValueOrDefault(container.ContainerId)
            )?.Pod;
        }
    }

    private void PutLocked(NodePod pod, long now)
    {
        if (!_pods.TryGetValue(pod.Uid, out Tenancy? known))
        {
            // Ended before it was seen: none of the calls from now on is its own.
            if (pod.HasEnded)
            {
                return;
            }
            _pods[pod.Uid] = known = new Tenancy(pod, now);
            _starting.RemoveAll(old => old.Since + LongestStart < now);
            _starting.Add(known);
        }
        if (known.HasEnded)
        {
            return;
        }
        known.Pod = pod;
        foreach (string container in pod.Containers.Select(container => container.Id).Where(id => id.Length > 0))
        {
            // Those of its restarts are kept as long as the pod is.
            if (_containers.TryAdd(container, known))
            {
                known.Containers.Add(container);
            }
        }

        // Pods on the node's network share its addresses, so an address names none of them.
        IReadOnlyList<UInt128> addresses = pod.HostNetwork ? [] : pod.Addresses;
        foreach (
            Tenure lost in known.Tenures.Where(tenure =>
                tenure.End == long.MaxValue && !addresses.Contains(tenure.Address)
            )
        )
        {
            lost.End = now;
        }
        foreach (
            UInt128 address in addresses.Where(address =>
                !known.Tenures.Any(tenure => tenure.Address == address && tenure.End == long.MaxValue)
            )
        )
        {
            var tenure = new Tenure(known, address, pod.StartUnixNs);
            known.Tenures.Add(tenure);
            if (!_addresses.TryGetValue(address, out List<Tenure>? holders))
            {
                _addresses[address] = holders = [];
            }
            holders.Add(tenure);
        }
        if (pod.HostNetwork || addresses.Count > 0)
        {
            _starting.Remove(known);
        }

        // Of a short life the kubelet may tell no more than its end, with the address that it had.
        if (pod.HasEnded)
        {
            End(known, now);
        }
    }

    private void End(Tenancy pod, long now)
    {
        if (pod.HasEnded)
        {
            return;
        }
        pod.EndedAt = now;
        _starting.Remove(pod);
        foreach (Tenure tenure in pod.Tenures.Where(tenure => tenure.End == long.MaxValue))
        {
            tenure.End = Math.Min(now, pod.Pod.EndUnixNs);
        }
        _ended.Enqueue(pod);
        while (_ended.TryPeek(out Tenancy? oldest) && (_ended.Count > MaxEnded || oldest.EndedAt < now - Remembered))
        {
            if (_ended.Count > MaxEnded)
            {
                _knownSince = Math.Max(_knownSince, oldest.EndedAt);
            }
            Forget(_ended.Dequeue());
        }
    }

    private void Forget(Tenancy pod)
    {
        _pods.Remove(pod.Pod.Uid);
        pod.Containers.ForEach(container => _containers.Remove(container));
        foreach (Tenure tenure in pod.Tenures)
        {
            List<Tenure> holders = _addresses[tenure.Address];
            holders.Remove(tenure);
            if (holders.Count == 0)
            {
                _addresses.Remove(tenure.Address);
            }
        }
    }

    private sealed class Tenancy(NodePod pod, long since)
    {
        // When it was first heard of.
        public long Since => since;

        public NodePod Pod { get; set; } = pod;

        public List<Tenure> Tenures { get; } = [];

        public List<string> Containers { get; } = [];

        public long EndedAt { get; set; } = long.MaxValue;

        public bool HasEnded => EndedAt != long.MaxValue;
    }

    private sealed class Tenure(Tenancy of, UInt128 address, long start)
    {
        public Tenancy Of => of;

        public UInt128 Address => address;

        public long Start => start;

        public long End { get; set; } = long.MaxValue;
    }
}
