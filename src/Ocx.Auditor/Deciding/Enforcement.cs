using Ocx.Auditor.Audits;
using Ocx.Auditor.Pods;

namespace Ocx.Auditor.Deciding;

/// <summary>Whether an audit's calls are held.</summary>
/// <param name="Waiting">Calls that wait for their verdict now.</param>
/// <param name="Guarded">The nodes of its pods that have a gate.</param>
/// <param name="Unguarded">Those that have none.</param>
internal sealed record EnforcementSight(long Waiting, IReadOnlyList<string> Guarded, IReadOnlyList<string> Unguarded);

/// <summary>Sees whether audits' calls are held, in a cluster.</summary>
/// <param name="pods">The pods.</param>
/// <param name="gates">The gates that are there.</param>
/// <param name="holds">What waits.</param>
internal sealed class Enforcement(PodIndex pods, ConnectedGates gates, HoldJudge holds)
{
    /// <summary>What is to be seen of one; null in mode Observe.</summary>
    public EnforcementSight? Of(ActiveAudit? audit)
    {
        if (audit?.Gate is null)
        {
            return null;
        }

        ILookup<bool, string> nodes = pods
            .Nodes.Where(node => pods.On(node).Any(pod => audit.Scope.Pods?.Selects(pod) == true))
            .Order(StringComparer.Ordinal)
            .ToLookup(gates.HasNow);
        return new EnforcementSight(holds.Waiting(audit.Reference), [.. nodes[true]], [.. nodes[false]]);
    }
}
