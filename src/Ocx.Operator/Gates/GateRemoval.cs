using k8s.Models;
using Ocx.Kube;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Gates;

/// <summary>
/// Takes gates away, with all that they have set. A gate that ends leaves its rules, so that a rollout lets nothing
/// through: so pods that take rules away are rolled out in its place, and when all nodes are through, they go.
/// </summary>
internal sealed class GateRemoval(
    ResourceClient<V1DaemonSet> client,
    GateSettings settings,
    OperatorOptions options,
    ILogger<GateRemoval> logger
)
{
    private AppliedAnswer _applied;

    /// <summary>One step.</summary>
    /// <param name="present">The gates' DaemonSet, as it was last seen.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Whether it is deleted.</returns>
    /// <exception cref="ApiException">The API server refused.</exception>
    public async Task<bool> StepAsync(V1DaemonSet present, CancellationToken cancellationToken)
    {
        var wanted = Drift.Stamp(GateDaemonSet.Removing(settings, options.Namespace));
        if (Drift.Differs(present, wanted) && !_applied.IsStill(present, wanted))
        {
            _applied = AppliedAnswer.Of(wanted, await client.ApplyAsync(wanted, cancellationToken));
            logger.GatesRemoving();
            return false;
        }

        if (!GateDaemonSet.IsRolledOut(present))
        {
            return false;
        }

        await client.DeleteAsync(present.Name(), present.Uid(), cancellationToken);
        logger.GatesRemoved();
        return true;
    }
}
