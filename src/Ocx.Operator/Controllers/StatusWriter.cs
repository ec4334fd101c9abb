using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;

namespace Ocx.Operator.Controllers;

/// <summary>Writes an McpTap's status when it differs, and at most once in five seconds.</summary>
internal sealed class StatusWriter(
    ResourceClient<V1Alpha1McpTap> client, TapEvents events, OperatorMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (long At, string Status)> _written = [];

    /// <summary>Writes the status.</summary>
    /// <returns>Null when it is written or was so already, else the time until it may be.</returns>
    public async Task<TimeSpan?> WriteAsync(V1Alpha1McpTap tap, BuiltStatus built, CancellationToken cancellationToken)
    {
        metrics.TapCaptured.WithLabels(tap.Name()).Set(built.Status.Packets.Captured);
        metrics.TapDropped.WithLabels(tap.Name()).Set(built.Status.Packets.Dropped);
        metrics.TapDesiredNodes.WithLabels(tap.Name()).Set(built.Status.DesiredNodes);
        metrics.TapReadyNodes.WithLabels(tap.Name()).Set(built.Status.ReadyNodes);

        // The informer may still be behind the last write.
        var text = KubernetesJson.Serialize(built.Status);
        var last = _written.GetValueOrDefault(tap.Name());
        if (last.Status == text || Same(tap.Status, text))
        {
            return null;
        }

        if (last.Status is not null && time.GetElapsedTime(last.At) is var elapsed && elapsed < s_interval)
        {
            return s_interval - elapsed;
        }

        _written[tap.Name()] = (time.GetTimestamp(), text);
        try
        {
            await client.ApplyStatusAsync(
                new V1Alpha1McpTap { Metadata = new V1ObjectMeta { Name = tap.Name() }, Spec = null!, Status = built.Status }, cancellationToken);
        }
        catch
        {
            _written.Remove(tap.Name());
            throw;
        }

        metrics.StatusWrites.Inc();
        await events.RecordChangesAsync(tap, built.Status, cancellationToken);
        return null;
    }

    /// <summary>The tap is gone.</summary>
    public void Forget(string tap) => _written.Remove(tap);

    private static bool Same(V1Alpha1McpTapStatus? present, string text) =>
        present is not null && JsonNode.DeepEquals(JsonNode.Parse(KubernetesJson.Serialize(present)), JsonNode.Parse(text));
}
