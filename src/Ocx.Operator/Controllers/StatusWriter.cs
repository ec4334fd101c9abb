using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Kube;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Controllers;

/// <summary>
/// Writes an McpTap's status when it differs. A status holds the counts of reports that are deleted once it is written,
/// so it must follow from the one before, which <see cref="StatusApplier{T}"/> sees to.
/// </summary>
internal sealed class StatusWriter(
    ResourceClient<V1Alpha1McpTap> client,
    TapEvents events,
    OperatorMetrics metrics,
    TimeProvider time
)
{
    private readonly StatusApplier<V1Alpha1McpTap> _applier = new(client, time);

    /// <summary>The newest of what the watch brought and what the server answered.</summary>
    public V1Alpha1McpTap Newest(V1Alpha1McpTap tap) => _applier.Newest(tap);

    /// <summary>Writes the status.</summary>
    /// <param name="tap">The tap that the status was made from, as <see cref="Newest"/> gave it.</param>
    /// <param name="built">The status.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Null when it is written or was so already, else the time until it may be.</returns>
    public async Task<TimeSpan?> WriteAsync(V1Alpha1McpTap tap, BuiltStatus built, CancellationToken cancellationToken)
    {
        metrics.TapCaptured.WithLabels(tap.Name()).Set(built.Status.Packets.Captured);
        metrics.TapDropped.WithLabels(tap.Name()).Set(built.Status.Packets.Dropped);
        metrics.TapDesiredNodes.WithLabels(tap.Name()).Set(built.Status.DesiredNodes);
        metrics.TapReadyNodes.WithLabels(tap.Name()).Set(built.Status.ReadyNodes);
        if (Same(tap.Status, built.Status))
        {
            return null;
        }

        var applied = await _applier.ApplyAsync(
            tap,
            new V1Alpha1McpTap { Spec = null!, Status = built.Status },
            cancellationToken
        );
        if (applied.Refusal is { } refusal)
        {
            await events.RecordRefusalAsync(tap, refusal, cancellationToken);
        }

        if (applied.Again is null)
        {
            metrics.StatusWrites.Inc();
            await events.RecordChangesAsync(tap, built.Status, cancellationToken);
        }

        return applied.Again;
    }

    /// <summary>The tap is gone.</summary>
    public void Forget(string tap) => _applier.Forget(tap);

    private static bool Same(V1Alpha1McpTapStatus? present, V1Alpha1McpTapStatus wanted) =>
        present is not null
        && JsonNode.DeepEquals(
            JsonNode.Parse(KubernetesJson.Serialize(present)),
            JsonNode.Parse(KubernetesJson.Serialize(wanted))
        );
}
