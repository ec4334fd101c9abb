using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Ocx.Audit.Wire;
using Ocx.Gate.Asking;
using Ocx.Gate.Counts;
using Ocx.Gate.Pods;
using Ocx.Gate.Rules;
using Ocx.Netfilter;
using Ocx.NodeProgram;

namespace Ocx.Gate;

/// <summary>
/// The servers of a node's pods that the auditor names, each gated in its pod's network namespace. Pods come and go,
/// and their namespaces with them, so it looks at the node's processes each second.
/// </summary>
internal sealed class NodeServers : IHeldServers
{
    // A pod that is not found this often is gone. Its last process may have ended before its next has begun.
    private const int MostMisses = 3;

    // In the place of the uid of pods that use the node's own network: they share its namespace.
    private const string Host = "";

    private static readonly TimeSpan s_sweepAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly QueueRange _queues;
    private readonly AuditorMailbox _mailbox;
    private readonly GateTotals _totals;
    private readonly MakeConsumer _consumer;
    private readonly ILogger _logger;
    private readonly PodNamespaces _namespaces;
    private readonly Dictionary<string, GatedPod> _pods = [];
    private readonly Dictionary<string, string> _troubles = [];
    private readonly TaskCompletionSource _ended = new();
    private volatile GatedPod[] _counted = [];
    private long _lostBefore;
    private long _unsentBefore;
    private string? _leftover = "rules that gates before this one left are to be looked for";
    private long _sweptAt;

    /// <summary>Gates none yet.</summary>
    /// <param name="queues">The queues of each namespace.</param>
    /// <param name="mailbox">Where workers ask.</param>
    /// <param name="totals">Where they count.</param>
    /// <param name="consumer">Makes what decides.</param>
    /// <param name="logger">Is told of pods.</param>
    /// <exception cref="StartupException">A right is missing.</exception>
    /// <exception cref="NetfilterException">The node's namespaces cannot be seen.</exception>
    public NodeServers(
        QueueRange queues,
        AuditorMailbox mailbox,
        GateTotals totals,
        MakeConsumer consumer,
        ILogger logger
    )
    {
        CheckRights();
        (_queues, _mailbox, _totals, _consumer, _logger) = (queues, mailbox, totals, consumer, logger);
        // The gate of a node is on the node's own network.
        _namespaces = new("/proc/self/ns/net");
    }

    /// <inheritdoc/>
    public Task Ended => _ended.Task;

    /// <inheritdoc/>
    public TimeSpan LookAgain => s_look;

    /// <inheritdoc/>
    public long Lost => Volatile.Read(ref _lostBefore) + _counted.Sum(pod => pod.Servers.Lost);

    /// <inheritdoc/>
    public long Unsent => Volatile.Read(ref _unsentBefore) + _counted.Sum(pod => pod.Servers.Unsent);

    /// <summary>Pods, or the node's own namespace, that are gated now.</summary>
    public int Gated => _counted.Length;

    /// <summary>Fails where this process lacks a capability, or the machine's process ids.</summary>
    /// <exception cref="StartupException">It names them.</exception>
    public static void CheckRights()
    {
        // It would find no pod, and say that all is well.
        if (Environment.ProcessId == 1)
        {
            throw new StartupException(
                "this container has process ids of its own: give it the machine's (hostPID: true, --pid=host)"
            );
        }

        IReadOnlyList<string> missing = NodeCapabilities.Missing(File.ReadAllText("/proc/self/status"));
        if (missing.Count > 0)
        {
            throw new StartupException(
                $"missing {string.Join(", ", missing)}: run as root, or add it to the container's capabilities"
            );
        }
    }

    /// <inheritdoc/>
    public void Follow(HoldRules rules)
    {
        // No auditor has said anything yet: a gate before this one may have set rules that still hold.
        if (rules == HoldRules.None)
        {
            return;
        }

        Dictionary<string, HeldPod> wanted = [];
        foreach (HeldPod pod in rules.Audits.SelectMany(audit => audit.Pods))
        {
            wanted[KeyOf(pod)] = pod;
        }

        foreach (string gone in _pods.Keys.Where(uid => !wanted.ContainsKey(uid)).ToArray())
        {
            Free(gone, "no audit that enforces selects it", removesRules: true);
        }

        foreach (string gone in _troubles.Keys.Where(uid => !wanted.ContainsKey(uid)).ToArray())
        {
            _troubles.Remove(gone);
        }

        Dictionary<string, NetworkNamespace> found = _namespaces.Open(
            wanted.Keys.Where(uid => uid != Host).ToHashSet()
        );
        foreach ((string uid, HeldPod pod) in wanted)
        {
            found.TryGetValue(uid, out NetworkNamespace? network);
            Follow(uid, pod, uid == Host ? NetworkNamespace.Open(null) : network, rules);
        }

        _counted = [.. _pods.Values];
        Sweep();
        Problem = _troubles.Values.FirstOrDefault() ?? _leftover;
        Pods = rules.TellsGated ? PodsOf(rules) : null;
    }

    /// <inheritdoc/>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    public GatePods? Pods { get; private set; }

    /// <summary>The rules stay: the next gate takes them over, and what waits for it waits. See docs/gate.md.</summary>
    public void Stop() { }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GatedPod pod in _pods.Values)
        {
            pod.Servers.Dispose();
        }

        _pods.Clear();
        _counted = [];
    }

    private GatePods PodsOf(HoldRules rules)
    {
        var pods = new GatePods();
        pods.Uids.AddRange(
            rules
                .Audits.SelectMany(audit => audit.Pods)
                .Where(pod => KeyOf(pod) is var key && _pods.ContainsKey(key) && !_troubles.ContainsKey(key))
                .Select(pod => pod.Uid)
                .Distinct()
                .Order(StringComparer.Ordinal)
                .Take(AuditBounds.GatedPods)
        );
        return pods;
    }

    // The namespace belongs to this from now on.
    private void Follow(string uid, HeldPod pod, NetworkNamespace? network, HoldRules rules)
    {
        bool isOpen = PassesWhenFull(uid, rules);
        if (_pods.TryGetValue(uid, out GatedPod? gated))
        {
            gated.Misses = network is null ? gated.Misses + 1 : 0;
            if (gated.Servers.Ended.IsCompleted)
            {
                _logger.PodWorkerFailed(gated.Name, gated.Servers.Ended.Exception?.GetBaseException().Message ?? "");
                Free(uid, "its worker failed", removesRules: false);
            }
            else if (network is not null && network.Inode != gated.Inode)
            {
                Free(uid, "it has another network namespace", removesRules: false);
            }
            else if (gated.PassesWhenFull != isOpen)
            {
                Free(uid, "its failure policy has changed", removesRules: false);
            }
            else if (gated.Misses >= MostMisses)
            {
                Free(uid, "it has no process any more", removesRules: false);
            }
        }

        if (!_pods.ContainsKey(uid))
        {
            TryGate(uid, pod, network, isOpen);
        }
        else
        {
            network?.Dispose();
        }

        TrySet(uid, pod, rules);
    }

    private void TryGate(string uid, HeldPod pod, NetworkNamespace? network, bool passesWhenFull)
    {
        if (network is null)
        {
            return; // It has no process yet, or no more.
        }

        string name = NameOf(uid, pod);
        ulong inode = network.Inode;
        try
        {
            var servers = GatedServers.Open(
                network,
                _queues,
                ports: null,
                uid == Host ? its => its.HostNetwork : its => its.Uid == uid,
                passesWhenFull,
                _mailbox,
                _totals,
                _consumer
            );
            _pods[uid] = new(name, servers, inode, passesWhenFull);
        }
        catch (NetfilterException refused)
        {
            Trouble(uid, name, refused.Message);
        }
    }

    private void TrySet(string uid, HeldPod pod, HoldRules rules)
    {
        if (!_pods.TryGetValue(uid, out GatedPod? gated))
        {
            return;
        }

        try
        {
            gated.Servers.Follow(rules);
            _troubles.Remove(uid);
            string ports = string.Join(',', rules.For(its => IsIn(uid, its)).Ports.Order());
            if (gated.Ports != ports)
            {
                gated.Ports = ports;
                _logger.PodGated(gated.Name, ports);
            }
        }
        catch (Exception refused) when (refused is RulesException or NetfilterException)
        {
            Trouble(uid, NameOf(uid, pod), refused.Message);
        }
    }

    private void Free(string uid, string reason, bool removesRules)
    {
        GatedPod gated = _pods[uid];
        try
        {
            if (removesRules)
            {
                gated.Servers.Stop();
            }
        }
        catch (Exception refused) when (refused is RulesException or NetfilterException)
        {
            _leftover = refused.Message;
            _sweptAt = Stopwatch.GetTimestamp();
            _logger.RulesNotRemoved(refused.Message);
        }

        _pods.Remove(uid);
        _counted = [.. _pods.Values];
        _lostBefore += gated.Servers.Lost;
        _unsentBefore += gated.Servers.Unsent;
        gated.Servers.Dispose();
        _logger.PodFreed(gated.Name, reason);
    }

    // A gate before this one may have left rules where nothing is to be held any more.
    private void Sweep()
    {
        // Nor are those of a pod abandoned that is to be gated, and cannot be yet.
        if (
            _leftover is null
            || _troubles.Count > 0
            || (_sweptAt != 0 && Stopwatch.GetElapsedTime(_sweptAt) < s_sweepAgain)
        )
        {
            return;
        }

        try
        {
            int left = AbandonedRules.Remove();
            if (left > 0)
            {
                _logger.AbandonedRemoved(left);
            }

            _leftover = null;
        }
        catch (RulesException refused)
        {
            _leftover = refused.Message;
            _sweptAt = Stopwatch.GetTimestamp();
            _logger.AbandonedNotRemoved(s_sweepAgain.TotalSeconds, refused.Message);
        }
    }

    private void Trouble(string uid, string name, string reason)
    {
        if (_troubles.GetValueOrDefault(uid) != reason)
        {
            _troubles[uid] = reason;
            _logger.PodNotGated(name, reason);
        }
    }

    private static bool PassesWhenFull(string uid, HoldRules rules) =>
        rules
            .Audits.Where(audit => audit.Pods.Any(pod => IsIn(uid, pod)))
            .All(audit => audit.FailurePolicy == GateFailurePolicy.Open);

    private static string KeyOf(HeldPod pod) => pod.HostNetwork ? Host : pod.Uid;

    private static bool IsIn(string uid, HeldPod pod) => uid == Host ? pod.HostNetwork : pod.Uid == uid;

    private static string NameOf(string uid, HeldPod pod) =>
        uid == Host ? "those on the node's network" : $"{pod.Namespace}/{pod.Name}";

    private sealed class GatedPod(string name, GatedServers servers, ulong inode, bool passesWhenFull)
    {
        public string Name => name;

        public GatedServers Servers => servers;

        public ulong Inode => inode;

        public bool PassesWhenFull => passesWhenFull;

        public int Misses { get; set; }

        public string? Ports { get; set; }
    }
}
