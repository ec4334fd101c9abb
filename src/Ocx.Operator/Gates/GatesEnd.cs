using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Ocx.Operator.Options;
using Ocx.Operator.Resources;

namespace Ocx.Operator.Gates;

/// <summary>
/// What runs before a release goes, or its gates are turned off: it stops the operator, which would bring them back,
/// and then takes them away with all that they have set. Nothing is left that would hold a call.
/// </summary>
internal sealed class GatesEnd(
    Kubernetes kubernetes,
    GateRemoval removal,
    OperatorOptions options,
    TimeProvider time,
    Action<string> say
)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>Runs until the gates are gone.</summary>
    /// <param name="limit">How long it waits for nodes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False when a node still has what they have set.</returns>
    public async Task<bool> RunAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        await StopOperatorAsync(cancellationToken);
        while (true)
        {
            if (await FindAsync(cancellationToken) is not { } gates)
            {
                say("There are no gates.");
                return true;
            }

            if (await removal.StepAsync(gates, cancellationToken))
            {
                return true;
            }

            if (time.GetElapsedTime(began) >= limit)
            {
                var status = gates.Status ?? new V1DaemonSetStatus();
                say(
                    $"What gates have set is taken away on {status.NumberReady} of {status.DesiredNumberScheduled} "
                        + "nodes. See docs/gate.md, Upgrade and uninstall."
                );
                return false;
            }

            await Task.Delay(s_interval, time, cancellationToken);
        }
    }

    private async Task StopOperatorAsync(CancellationToken cancellationToken)
    {
        try
        {
            await kubernetes.AppsV1.PatchNamespacedDeploymentScaleAsync(
                new V1Patch("""{"spec":{"replicas":0}}""", V1Patch.PatchType.MergePatch),
                GateNames.Operator,
                options.Namespace,
                cancellationToken: cancellationToken
            );
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // There is none that would bring them back.
        }
    }

    private async Task<V1DaemonSet?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await kubernetes.AppsV1.ReadNamespacedDaemonSetAsync(
                GateNames.Gate,
                options.Namespace,
                cancellationToken: cancellationToken
            );
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}
