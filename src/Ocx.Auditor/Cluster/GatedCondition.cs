using k8s.Models;
using Ocx.Auditor.Audits;
using Ocx.Auditor.Deciding;
using Ocx.Auditor.Pods;

namespace Ocx.Auditor.Cluster;

/// <summary>
/// What the condition <c>ocx.dev/gated</c> of a pod is to be. It becomes true once the gate of the pod's node says that
/// it holds the pod's calls. It stays true for a while when that is not so any more: a gate that is rolled out is away
/// for some seconds, its rules stay meanwhile, and no Service is to lose all pods of a node for that. One thread's.
/// </summary>
/// <param name="pods">The pods.</param>
/// <param name="audits">The audits.</param>
/// <param name="gates">The gates that are there.</param>
/// <param name="gated">What they said.</param>
/// <param name="time">The clock.</param>
internal sealed class GatedCondition(
    PodIndex pods,
    AuditSet audits,
    ConnectedGates gates,
    GatedPods gated,
    TimeProvider time
)
{
    /// <summary>How long it stays true against what a gate that is there, or an audit, says.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long it stays true without a gate: the next one's image may have to be pulled.</summary>
    public static readonly TimeSpan PatienceWithoutGate = TimeSpan.FromMinutes(2);

    private const string True = "True",
        False = "False";

    // By uid, since when what is true of a pod is not what its condition says.
    private readonly Dictionary<string, long> _doubts = new(StringComparer.Ordinal);

    /// <summary>The condition of a pod that waits for it; null when there is nothing to say of it.</summary>
    /// <param name="pod">The pod, with the condition that it has.</param>
    /// <param name="now">The time, for a condition that changes.</param>
    public V1PodCondition? Of(PodObject pod, DateTime now)
    {
        string uid = pod.Metadata.Uid;
        if (
            pod is not { Spec.NodeName: { Length: > 0 } node, Metadata.DeletionTimestamp: null }
            || pods.On(node).FirstOrDefault(one => one.Uid == uid) is not { } server
        )
        {
            return null;
        }

        (bool isTrue, string reason, string message) = Look(server);
        V1PodCondition? before = pod.Status?.Conditions?.FirstOrDefault(one => one.Type == PodCondition.Gated);
        if (isTrue)
        {
            _doubts.Remove(uid);
        }
        else if (before?.Status == True && IsYoung(uid, gates.HasNow(node) ? Patience : PatienceWithoutGate))
        {
            return before;
        }

        string status = isTrue ? True : False;
        return new V1PodCondition
        {
            Type = PodCondition.Gated,
            Status = status,
            Reason = reason,
            Message = message,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime ?? now : now,
        };
    }

    /// <summary>Forgets pods that are gone.</summary>
    /// <param name="uids">Those that are not.</param>
    public void Keep(IReadOnlySet<string> uids)
    {
        foreach (string gone in _doubts.Keys.Where(uid => !uids.Contains(uid)).ToList())
        {
            _doubts.Remove(gone);
        }
    }

    private (bool IsTrue, string Reason, string Message) Look(ServerPod pod)
    {
        ActiveAudit[] its = [.. audits.Current.Where(audit => audit.Scope.Selects(pod))];
        if (its.Length == 0)
        {
            return (false, "NotSelected", "No McpAudit selects it, with a port that is its own.");
        }

        if (its.All(audit => audit.Gate is null))
        {
            return (true, "NotEnforced", "Each McpAudit that selects it is in mode Observe: nothing is held.");
        }

        if (!gates.HasNow(pod.Node))
        {
            return (false, "NoGate", "No gate of its node is connected to the auditor.");
        }

        return gated.Has(pod.Node, pod.Uid)
            ? (true, "Gated", "The gate of its node holds its calls.")
            : (false, "NotGated", "The rules of the gate of its node are not in place: its log says why.");
    }

    private bool IsYoung(string uid, TimeSpan patience)
    {
        if (!_doubts.TryGetValue(uid, out long since))
        {
            _doubts[uid] = since = time.GetTimestamp();
        }

        return time.GetElapsedTime(since) < patience;
    }
}
