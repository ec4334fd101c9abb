using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Ocx.Api;
using Ocx.Operator.Runtime;
using Ocx.Operator.Status;
using Ocx.Operator.Telemetry;

namespace Ocx.Operator.Controllers;

/// <summary>
/// Writes an McpTap's status when it differs, and at most once in five seconds. A status holds the counts of reports
/// that are deleted once it is written, so it must follow from the one before: it is written only on top of the version
/// that it was made from, and the next one is made from the server's answer, however late the watch brings it.
/// </summary>
internal sealed class StatusWriter(
    ResourceClient<V1Alpha1McpTap> client,
    TapEvents events,
    OperatorMetrics metrics,
    TimeProvider time
)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    // Another has written in between, or the watch has yet to bring what an earlier leader wrote.
    private static readonly TimeSpan s_conflict = TimeSpan.FromSeconds(1);

    // A definition that is stricter than the one that the tap was made under refuses every write of it.
    private static readonly TimeSpan s_refused = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Written> _written = [];

    /// <summary>The newest of what the watch brought and what the server answered.</summary>
    public V1Alpha1McpTap Newest(V1Alpha1McpTap tap)
    {
        if (!_written.TryGetValue(tap.Name(), out var written) || written.Answer is not { } answer)
        {
            return tap;
        }

        // Versions are opaque. A write takes the place of the very version that it was based on, so each of these is
        // older than the answer, and any other is the answer or newer.
        if (written.Superseded.Contains(tap.ResourceVersion()) && answer.Uid() == tap.Uid())
        {
            return answer;
        }

        written.Answer = null;
        written.Superseded.Clear();
        return tap;
    }

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

        if (!_written.TryGetValue(tap.Name(), out var written))
        {
            written = _written[tap.Name()] = new Written();
        }

        if (written.At is { } at && time.GetElapsedTime(at) is var elapsed && elapsed < s_interval)
        {
            return s_interval - elapsed;
        }

        V1Alpha1McpTap answer;
        try
        {
            answer = await client.ApplyStatusAsync(
                new V1Alpha1McpTap
                {
                    Metadata = new V1ObjectMeta
                    {
                        Name = tap.Name(),
                        Uid = tap.Uid(),
                        ResourceVersion = tap.ResourceVersion(),
                    },
                    Spec = null!,
                    Status = built.Status,
                },
                cancellationToken
            );
        }
        catch (ApiException exception) when (exception.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            written.Answer = null;
            written.Superseded.Clear();
            return s_conflict;
        }
        catch (ApiException exception) when (exception.IsRefusal)
        {
            written.At = time.GetTimestamp();
            await events.RecordRefusalAsync(tap, exception.Message, cancellationToken);
            return s_refused;
        }

        answer.Metadata.ManagedFields = null;
        written.At = time.GetTimestamp();
        written.Answer = answer;
        written.Superseded.Add(tap.ResourceVersion());
        metrics.StatusWrites.Inc();
        await events.RecordChangesAsync(tap, built.Status, cancellationToken);
        return null;
    }

    /// <summary>The tap is gone.</summary>
    public void Forget(string tap) => _written.Remove(tap);

    private static bool Same(V1Alpha1McpTapStatus? present, V1Alpha1McpTapStatus wanted) =>
        present is not null
        && JsonNode.DeepEquals(
            JsonNode.Parse(KubernetesJson.Serialize(present)),
            JsonNode.Parse(KubernetesJson.Serialize(wanted))
        );

    private sealed class Written
    {
        /// <summary>When; null when it was not yet.</summary>
        public long? At { get; set; }

        /// <summary>The tap with the status that was written last, until the watch has brought it.</summary>
        public V1Alpha1McpTap? Answer { get; set; }

        /// <summary>The versions that writes were based on since the watch was last in step.</summary>
        public HashSet<string> Superseded { get; } = [];
    }
}
